"""Comparing arms on families of measures that have a value for each session."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from statistics import fmean

from magnet.evals.comparison.results import FamilyComparison, MeasureComparison, Unit
from magnet.evals.preference.pairing import Pair, pair_sessions
from magnet.evals.quality.results import Measured
from magnet.evals.scales.measures import Values
from magnet.evals.statistics.bootstrap import cluster_bootstrap
from magnet.evals.statistics.paired import PairedComparison, Scores, compare_items
from magnet.state.attitude import Attitude
from magnet.store.records import Session

_ALL_RESAMPLES = 2000
_ATTITUDE_RESAMPLES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Measures that are tested together, and their values in every session that has any."""

    metric: str
    title: str
    measures: Mapping[str, tuple[str, Unit]]
    """Label and unit by name, in the order in which they are shown."""
    values: Mapping[str, Values]
    """By session's id; a measure that is absent or none is missing there."""
    composed: bool = False
    """Whether they are made from the items of a scale: its subscales and totals."""
    judge: str | None = None
    standing: str | None = None
    trusted: bool | None = None

    def of(self, session: Session, measure: str) -> float | None:
        """Return a measure of a session; none where it is missing."""
        return self.values.get(session.id, {}).get(measure)


def compare_family(
    family: Family, arms: Mapping[str, Sequence[Session]], *, seed: int = 0
) -> FamilyComparison:
    """Compare the first arm with each other one, over all sessions and by attitude.

    Args:
        family: the measures; Holm's adjustment is over those that could be tested.
        arms: sessions by the name of their arm.
        seed: of resamples and permutations.
    """

    def compare(chosen: Callable[[Session], bool], resamples: int) -> dict[str, MeasureComparison]:
        some = {name: list(filter(chosen, sessions)) for name, sessions in arms.items()}
        return _compare(family, some, resamples, seed)

    by_attitude = {
        attitude: compare(lambda session, of=attitude: session.attitude is of, _ATTITUDE_RESAMPLES)
        for attitude in Attitude
    }
    return FamilyComparison(
        metric=family.metric,
        title=family.title,
        composed=family.composed,
        judge=family.judge,
        standing=family.standing,
        trusted=family.trusted,
        overall=compare(lambda _: True, _ALL_RESAMPLES),
        by_attitude={attitude: found for attitude, found in by_attitude.items() if found},
    )


def _compare(
    family: Family, arms: Mapping[str, Sequence[Session]], resamples: int, seed: int
) -> dict[str, MeasureComparison]:
    reference, *others = arms
    tested = {
        name: _tests(family, pair_sessions(arms[reference], arms[name]).pairs, resamples, seed)
        for name in others
    }
    found: dict[str, MeasureComparison] = {}
    for measure, (label, unit) in family.measures.items():
        means = {
            name: mean
            for name, sessions in arms.items()
            if (mean := _mean(family, measure, sessions, resamples, seed))
        }
        if means:
            found[measure] = MeasureComparison(
                label=label,
                unit=unit,
                means=means,
                against={
                    name: tests[measure] for name, tests in tested.items() if measure in tests
                },
            )
    return found


def paired_scores(family: Family, pairs: Sequence[Pair]) -> dict[str, tuple[Scores, Scores]]:
    """Return both arms' values of the pairs, by measure; one that no pair has twice is left out."""
    scores = {
        measure: (
            [family.of(pair.a, measure) for pair in pairs],
            [family.of(pair.b, measure) for pair in pairs],
        )
        for measure in family.measures
    }
    return {
        measure: (first, second)
        for measure, (first, second) in scores.items()
        if any(a is not None and b is not None for a, b in zip(first, second, strict=True))
    }


def _tests(
    family: Family, pairs: Sequence[Pair], resamples: int, seed: int
) -> dict[str, PairedComparison]:
    clients = [pair.client for pair in pairs]
    return compare_items(paired_scores(family, pairs), clients, resamples=resamples, seed=seed)


def _mean(
    family: Family, measure: str, sessions: Sequence[Session], resamples: int, seed: int
) -> Measured | None:
    known = [
        (value, session.client.form)
        for session in sessions
        if (value := family.of(session, measure)) is not None
    ]
    if not known:
        return None
    values, clients = [value for value, _ in known], [client for _, client in known]
    interval = cluster_bootstrap(values, clients, fmean, resamples=resamples, seed=seed)
    low, high = (None if isnan(bound) else bound for bound in (interval.low, interval.high))
    return Measured(value=interval.estimate, low=low, high=high, sessions=len(known))
