"""The tables of a paper: a row for each method, a column for each measure."""

from collections.abc import Iterable, Iterator

from magnet.evals.comparison.formats import SIGNIFICANT, interval_cell
from magnet.evals.comparison.grids import diversity_grid
from magnet.evals.comparison.results import Comparison, FamilyComparison, MeasureComparison
from magnet.evals.scales.files import scales
from magnet.state.table import Cell, Row, Table, columns_of

_NOTE = (
    "In brackets: 95 % intervals, clients resampled. * differs from {reference}: permutation test "
    f"paired by client and attitude, under {SIGNIFICANT:g} after Holm's adjustment."
)
_MISSING = Cell(None, "missing")


def method_tables(comparison: Comparison) -> list[Table]:
    """Return totals of scales, preference, diversity, cost and what else is counted, in order."""
    judged = [family for family in comparison.families if family.composed]
    # Those of quality are many, and stand with the tests.
    counted = [one for one in comparison.families if not one.judge and one.metric != "quality"]
    found = [_family_table(family, comparison) for family in judged]
    found += _preference_tables(comparison)
    if comparison.diversity:
        found.append(diversity_grid(comparison.diversity))
    return found + [_family_table(family, comparison) for family in counted if family.overall]


def item_tables(comparison: Comparison) -> list[Table]:
    """Return the items of the scales."""
    judged = [family for family in comparison.families if family.judge and not family.composed]
    return [_family_table(family, comparison) for family in judged]


def _family_table(family: FamilyComparison, comparison: Comparison) -> Table:
    columns = dict(_columns(family))
    arms = [arm.name for arm in comparison.arms]
    judge = f", judge {family.judge}: {family.standing}" if family.judge else ""
    return Table(
        title=f"{family.title}{judge}",
        columns=columns_of("method", *columns, kind="interval"),
        rows=[(arm, *(_cell(measure, arm) for measure in columns.values())) for arm in arms],
        note=_NOTE.format(reference=comparison.reference),
    )


def _columns(family: FamilyComparison) -> Iterator[tuple[str, MeasureComparison]]:
    """Yield measures by heading: of a change each attitude by itself, since it moves otherwise."""
    for measure in family.overall.values():
        yield measure.label, measure
    if family.composed and scales()[family.metric].change:
        for attitude, measures in family.by_attitude.items():
            for measure in measures.values():
                yield f"{measure.label}, {attitude} clients", measure


def _cell(measure: MeasureComparison, arm: str) -> Cell:
    if arm not in measure.means:
        return _MISSING
    tested = measure.against.get(arm)
    mark = " *" if tested and tested.p_holm < SIGNIFICANT else ""
    return interval_cell(measure.means[arm], measure.unit, mark=mark)


def _preference_tables(comparison: Comparison) -> Iterable[Table]:
    raters = dict.fromkeys(found.rater for found in comparison.preferences)
    for rater in raters:
        of_rater = [found for found in comparison.preferences if found.rater == rater]
        aspects = dict.fromkeys(aspect for found in of_rater for aspect in found.rates)
        rows: list[Row] = []
        for found in of_rater:
            differs = {name for name, test in found.tests.items() if test.p_holm < SIGNIFICANT}
            rates = {
                aspect: interval_cell(rate.rate, "share", mark=" *" if aspect in differs else "")
                for aspect, rate in found.rates.items()
            }
            cells = (rates.get(aspect, _MISSING) for aspect in aspects)
            rows.append((found.arm, *cells, interval_cell(found.overall.rate, "share")))
        yield Table(
            title=f"preference for {comparison.reference}: win rate over each method, by {rater}",
            columns=columns_of("method", *aspects, "all aspects", kind="interval"),
            rows=rows,
            note="A tie counts half. " + _NOTE.format(reference="one half"),
        )
