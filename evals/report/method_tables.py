"""The tables of a paper: a row for each method, a column for each measure."""

from collections.abc import Iterable, Iterator, Mapping

from magnet.evals.comparison.formats import SIGNIFICANT, with_interval
from magnet.evals.comparison.grids import Grid, diversity_grid
from magnet.evals.comparison.results import Comparison, FamilyComparison, MeasureComparison
from magnet.evals.scales.files import scales

_NOTE = (
    "In brackets: 95 % intervals, clients resampled. * differs from {reference}: permutation test "
    f"paired by client and attitude, under {SIGNIFICANT:g} after Holm's adjustment."
)


def method_tables(comparison: Comparison) -> list[Grid]:
    """Give the totals of scales, preference, diversity and cost, in this order."""
    judged = [family for family in comparison.families if family.composed]
    calls = [family for family in comparison.families if family.metric == "calls"]
    found = [_family_table(family, comparison) for family in judged]
    found += _preference_tables(comparison)
    if comparison.diversity:
        found.append(diversity_grid(comparison.diversity))
    return found + [_family_table(family, comparison) for family in calls if family.overall]


def item_tables(comparison: Comparison) -> list[Grid]:
    """Give the items of the scales."""
    judged = [family for family in comparison.families if family.judge and not family.composed]
    return [_family_table(family, comparison) for family in judged]


def _family_table(family: FamilyComparison, comparison: Comparison) -> Grid:
    columns = dict(_columns(family))
    sides = [side.name for side in comparison.sides]
    judge = f", judge {family.judge}: {family.standing}" if family.judge else ""
    return Grid(
        title=f"{family.title}{judge}",
        headings=("method", *columns),
        rows=[(side, *(_cell(measure, side) for measure in columns.values())) for side in sides],
        note=_NOTE.format(reference=comparison.reference),
    )


def _columns(family: FamilyComparison) -> Iterator[tuple[str, MeasureComparison]]:
    """Give measures by heading: of a change each attitude by itself, since it moves otherwise."""
    for measure in family.overall.values():
        yield measure.label, measure
    if family.composed and scales()[family.metric].change:
        for attitude, measures in family.by_attitude.items():
            for measure in measures.values():
                yield f"{measure.label}, {attitude} clients", measure


def _cell(measure: MeasureComparison, side: str) -> str:
    if side not in measure.means:
        return "missing"
    text = with_interval(measure.means[side], measure.unit)
    tested = measure.against.get(side)
    return f"{text} *" if tested and tested.p_holm < SIGNIFICANT else text


def _preference_tables(comparison: Comparison) -> Iterable[Grid]:
    raters = dict.fromkeys(found.rater for found in comparison.preferences)
    for rater in raters:
        of_rater = [found for found in comparison.preferences if found.rater == rater]
        aspects = dict.fromkeys(aspect for found in of_rater for aspect in found.rates)
        rows: list[tuple[str, ...]] = []
        for found in of_rater:
            rates: Mapping[str, str] = {
                aspect: with_interval(rate.rate, "share")
                + (
                    " *"
                    if aspect in found.tests and found.tests[aspect].p_holm < SIGNIFICANT
                    else ""
                )
                for aspect, rate in found.rates.items()
            }
            cells = (rates.get(aspect, "missing") for aspect in aspects)
            rows.append((found.side, *cells, with_interval(found.overall.rate, "share")))
        yield Grid(
            title=f"preference for {comparison.reference}: win rate over each method, by {rater}",
            headings=("method", *aspects, "all aspects"),
            rows=rows,
            note="A tie counts half. " + _NOTE.format(reference="one half"),
        )
