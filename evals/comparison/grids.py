"""A comparison as tables that any renderer can lay out: the terminal, a page, LaTeX."""

from collections.abc import Iterator

from magnet.evals.comparison.formats import SIGNIFICANT, interval_cell, p_cell, shown
from magnet.evals.comparison.results import (
    Comparison,
    FamilyComparison,
    MeasureComparison,
    PreferenceComparison,
    Ranking,
)
from magnet.evals.diversity.compare import DiversityComparison
from magnet.evals.statistics.paired import PairedComparison
from magnet.state.table import Cell, Column, Row, Table, columns_of

_TESTS = ("p", "p Holm", "p Wilcoxon", "dz", "r")
_NO_TESTS: Row = (None,) * (1 + len(_TESTS))
_INTERVALS = "In brackets: 95 % intervals, clients resampled."
_EXPLAINED = (
    f"{_INTERVALS} p: permutation test; * where Holm's adjustment over the rows of an arm is under "
    f"{SIGNIFICANT:g}. dz: Cohen's; r: rank-biserial."
)


def arms_grid(comparison: Comparison) -> Table:
    """Return what is compared."""
    return Table(
        title="arms",
        columns=columns_of(
            *("arm", "sessions", "clients", "pairs", "without a counterpart"), kind="count"
        ),
        rows=[
            (arm.name, arm.sessions, arm.clients, None, None)
            if arm.name == comparison.reference
            else (arm.name, arm.sessions, arm.clients, arm.pairs, arm.alone)
            for arm in comparison.arms
        ],
        note=f"The others are tested against {comparison.reference}."
        if len(comparison.arms) > 1
        else "",
    )


def family_grid(family: FamilyComparison) -> Table:
    """Return means and tests over all sessions: a row for each measure and arm."""
    rows: list[Row] = []
    for measure in family.overall.values():
        for place, (arm, mean) in enumerate(measure.means.items()):
            tested = measure.against.get(arm)
            cells = _tests(tested, measure) if tested else _NO_TESTS
            value = interval_cell(mean, measure.unit)
            rows.append((_label(measure, place), arm, mean.sessions, value, *cells))
    return Table(
        title=_titled(family),
        columns=[
            *columns_of("measure", "arm", text=2),
            Column("sessions", "count"),
            Column("mean", "interval"),
            Column("reference less arm", "interval"),
            *(Column(name, "p") for name in _TESTS[:3]),
            *(Column(name, "number") for name in _TESTS[3:]),
        ],
        rows=rows,
        note=_note(family, _EXPLAINED),
    )


def attitudes_grid(family: FamilyComparison) -> Table:
    """Return the means by attitude with their tests: a row for each measure and arm."""
    rows: list[Row] = []
    for name, measure in family.overall.items():
        for place, arm in enumerate(measure.means):
            cells = [
                _of_attitude(measures.get(name), arm) for measures in family.by_attitude.values()
            ]
            rows.append((_label(measure, place), arm, *cells))
    return Table(
        title=f"{_titled(family)}, by attitude",
        columns=columns_of("measure", "arm", *family.by_attitude, text=2, kind="interval"),
        rows=rows,
        note=_note(family, f"{_INTERVALS} p: permutation test, after Holm's adjustment."),
    )


def preference_grid(found: PreferenceComparison, reference: str) -> Table:
    """Return how often the reference is preferred to an arm: a row for each aspect."""
    rows: list[Row] = []
    rates = {**found.rates, "all aspects": found.overall, **found.by_attitude}
    for name, rate in rates.items():
        test = found.tests.get(name)
        tested = (p_cell(test.p_permutation), _holm(test)) if test else (None, None)
        counts = (rate.wins, rate.ties, rate.losses, rate.missing)
        rows.append((name, interval_cell(rate.rate, "share"), *counts, *tested))
    return Table(
        title=f"preference for {reference} over {found.arm}: {found.rater}",
        columns=[
            Column("aspect"),
            Column("win rate", "interval"),
            *columns_of("wins", "ties", "losses", "missing", text=0, kind="count"),
            *columns_of("p", "p Holm", text=0, kind="p"),
        ],
        rows=rows,
        note=f"{_INTERVALS} A tie counts half; p: permutation test against one half.",
    )


def ranking_grid(ranking: Ranking) -> Table:
    """Return a ranking, the most preferred arm first."""
    ordered = sorted(ranking.log_worths.items(), key=lambda worth: -worth[1].estimate)
    return Table(
        title=f"ranking by preference: {ranking.rater}",
        columns=columns_of("arm", "log worth", kind="interval"),
        rows=[(arm, interval_cell(worth, signed=True)) for arm, worth in ordered],
        note=f"Bradley-Terry with Davidson's ties over {ranking.matches} preferences. A difference "
        f"of 1 is odds of e to 1. {_INTERVALS}",
    )


def diversity_grid(found: DiversityComparison) -> Table:
    """Return diversity at one number of tokens: a row for each arm, and for each difference."""
    reference = next(iter(found.runs))
    less = {f"{reference} less {arm}": of for arm, of in found.differences.items()}
    return Table(
        title=f"diversity at {found.tokens:,} tokens",
        columns=columns_of("arm", *found.runs[reference], kind="interval"),
        rows=[
            (name, *(interval_cell(interval, "ratio") for interval in of.values()))
            for name, of in {**found.runs, **less}.items()
        ],
        note=_INTERVALS,
    )


def all_grids(comparison: Comparison) -> Iterator[Table]:
    """Yield a comparison as tables, by attitude the totals of scales alone."""
    yield arms_grid(comparison)
    for family in comparison.families:
        if family.overall:
            yield family_grid(family)
            if family.composed:
                yield attitudes_grid(family)
    for found in comparison.preferences:
        yield preference_grid(found, comparison.reference)
    for ranking in comparison.rankings:
        yield ranking_grid(ranking)
    if comparison.diversity:
        yield diversity_grid(comparison.diversity)


def _label(measure: MeasureComparison, place: int) -> Cell:
    return Cell(measure.label, "" if place else measure.label)


def _tests(found: PairedComparison, measure: MeasureComparison) -> Row:
    difference = interval_cell(found.difference, measure.unit, signed=True)
    if found.clients < 2:
        return (difference, *_NO_TESTS[1:])
    return (
        difference,
        p_cell(found.p_permutation),
        _holm(found),
        p_cell(found.p_wilcoxon),
        Cell(found.dz, shown(found.dz, signed=True)),
        Cell(found.rank_biserial, shown(found.rank_biserial, signed=True)),
    )


def _holm(found: PairedComparison) -> Cell:
    return p_cell(found.p_holm, "*" if found.p_holm < SIGNIFICANT else "")


def _of_attitude(measure: MeasureComparison | None, arm: str) -> Cell | None:
    if measure is None or arm not in measure.means:
        return None
    tested = measure.against.get(arm)
    mark = f", p {_holm(tested).text}" if tested and tested.clients > 1 else ""
    return interval_cell(measure.means[arm], measure.unit, mark=mark)


def _titled(family: FamilyComparison) -> str:
    return f"{family.title}, judge {family.judge}" if family.judge else family.title


def _note(family: FamilyComparison, text: str) -> str:
    return f"{family.judge}: {family.standing}. {text}" if family.standing else text
