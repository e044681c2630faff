"""A comparison as tables that any renderer can lay out: the terminal, a page, LaTeX."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from magnet.evals.comparison.formats import SIGNIFICANT, p_shown, shown, with_interval
from magnet.evals.comparison.results import (
    Comparison,
    FamilyComparison,
    MeasureComparison,
    PreferenceComparison,
    Ranking,
)
from magnet.evals.diversity.compare import DiversityComparison
from magnet.evals.statistics.paired import PairedComparison

_TESTS = ("p", "p Holm", "p Wilcoxon", "dz", "r")
_NO_TESTS = ("",) * (1 + len(_TESTS))
_INTERVALS = "In brackets: 95 % intervals, clients resampled."
_EXPLAINED = (
    f"{_INTERVALS} p: permutation test; * where Holm's adjustment over the rows of a side is under "
    f"{SIGNIFICANT:g}. dz: Cohen's; r: rank-biserial."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """A table of texts."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    labels: int = 1
    """So many columns at the start are words, the others numbers."""
    note: str = ""


def sides_grid(comparison: Comparison) -> Grid:
    """Give what is compared."""
    return Grid(
        title="sides",
        headings=("side", "sessions", "clients", "pairs", "without a counterpart"),
        rows=[
            (side.name, str(side.sessions), str(side.clients), "", "")
            if side.name == comparison.reference
            else (side.name, *map(str, (side.sessions, side.clients, side.pairs, side.alone)))
            for side in comparison.sides
        ],
        note=f"The others are tested against {comparison.reference}."
        if len(comparison.sides) > 1
        else "",
    )


def family_grid(family: FamilyComparison) -> Grid:
    """Give means and tests over all sessions: a row for each measure and side."""
    rows: list[Sequence[str]] = []
    for measure in family.overall.values():
        for place, (side, mean) in enumerate(measure.means.items()):
            tested = measure.against.get(side)
            cells = _tests(tested, measure) if tested else _NO_TESTS
            label = "" if place else measure.label
            value = with_interval(mean, measure.unit)
            rows.append((label, side, str(mean.sessions), value, *cells))
    headings = ("measure", "side", "sessions", "mean", "reference less side", *_TESTS)
    return Grid(
        title=_titled(family),
        headings=headings,
        rows=rows,
        labels=2,
        note=_note(family, _EXPLAINED),
    )


def attitudes_grid(family: FamilyComparison) -> Grid:
    """Give the means by attitude with their tests: a row for each measure and side."""
    rows: list[Sequence[str]] = []
    for name, measure in family.overall.items():
        for place, side in enumerate(measure.means):
            cells = [
                _of_attitude(measures.get(name), side) for measures in family.by_attitude.values()
            ]
            rows.append(("" if place else measure.label, side, *cells))
    return Grid(
        title=f"{_titled(family)}, by attitude",
        headings=("measure", "side", *family.by_attitude),
        rows=rows,
        labels=2,
        note=_note(family, f"{_INTERVALS} p: permutation test, after Holm's adjustment."),
    )


def preference_grid(found: PreferenceComparison, reference: str) -> Grid:
    """Give how often the reference is preferred to a side: a row for each aspect."""
    rows: list[Sequence[str]] = []
    rates = {**found.rates, "all aspects": found.overall, **found.by_attitude}
    for name, rate in rates.items():
        test = found.tests.get(name)
        tested = (p_shown(test.p_permutation), _holm(test)) if test else ("", "")
        counts = map(str, (rate.wins, rate.ties, rate.losses, rate.missing))
        rows.append((name, with_interval(rate.rate, "share"), *counts, *tested))
    return Grid(
        title=f"preference for {reference} over {found.side}: {found.rater}",
        headings=("aspect", "win rate", "wins", "ties", "losses", "missing", "p", "p Holm"),
        rows=rows,
        note=f"{_INTERVALS} A tie counts half; p: permutation test against one half.",
    )


def ranking_grid(ranking: Ranking) -> Grid:
    """Give a ranking, the most preferred side first."""
    ordered = sorted(ranking.log_worths.items(), key=lambda worth: -worth[1].estimate)
    return Grid(
        title=f"ranking by preference: {ranking.rater}",
        headings=("side", "log worth"),
        rows=[(side, with_interval(worth, signed=True)) for side, worth in ordered],
        note=f"Bradley-Terry with Davidson's ties over {ranking.matches} preferences. A difference "
        f"of 1 is odds of e to 1. {_INTERVALS}",
    )


def diversity_grid(found: DiversityComparison) -> Grid:
    """Give diversity at one number of tokens: a row for each side, and for each difference."""
    reference = next(iter(found.runs))
    less = {f"{reference} less {side}": of for side, of in found.differences.items()}
    return Grid(
        title=f"diversity at {found.tokens:,} tokens",
        headings=("side", *found.runs[reference]),
        rows=[
            (name, *(with_interval(interval, "ratio") for interval in of.values()))
            for name, of in {**found.runs, **less}.items()
        ],
        note=_INTERVALS,
    )


def all_grids(comparison: Comparison) -> Iterator[Grid]:
    """Give a comparison as tables, by attitude the totals of scales alone."""
    yield sides_grid(comparison)
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


def _tests(found: PairedComparison, measure: MeasureComparison) -> tuple[str, ...]:
    difference = with_interval(found.difference, measure.unit, signed=True)
    if found.clients < 2:
        return (difference, *_NO_TESTS[1:])
    return (
        difference,
        p_shown(found.p_permutation),
        _holm(found),
        p_shown(found.p_wilcoxon),
        shown(found.dz, signed=True),
        shown(found.rank_biserial, signed=True),
    )


def _holm(found: PairedComparison) -> str:
    return p_shown(found.p_holm) + ("*" if found.p_holm < SIGNIFICANT else "")


def _of_attitude(measure: MeasureComparison | None, side: str) -> str:
    if measure is None or side not in measure.means:
        return ""
    text = with_interval(measure.means[side], measure.unit)
    tested = measure.against.get(side)
    return f"{text}, p {_holm(tested)}" if tested and tested.clients > 1 else text


def _titled(family: FamilyComparison) -> str:
    return f"{family.title}, judge {family.judge}" if family.judge else family.title


def _note(family: FamilyComparison, text: str) -> str:
    return f"{family.judge}: {family.standing}. {text}" if family.standing else text
