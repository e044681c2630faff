"""Win rates: how often one arm is preferred to the other."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import nan
from statistics import fmean

from magnet.evals.preference.outcomes import Outcome
from magnet.evals.preference.pairing import Pair
from magnet.evals.statistics.bootstrap import Interval, cluster_bootstrap
from magnet.evals.statistics.bradley_terry import Match
from magnet.store.records import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class WinRate:
    """How often arm A is preferred, over the pairs that have an answer."""

    wins: int
    ties: int
    losses: int
    missing: int
    """Pairs without an answer in every order; they count nowhere else."""
    rate: Interval
    """Mean preference for A, 0 to 1, a tie counted half; clients resampled."""


def win_rates(outcomes: Sequence[Outcome], *, seed: int = 0) -> dict[str, WinRate]:
    """Return the win rate of arm A by aspect.

    A pair that several raters judged counts once, with the mean of their preferences.
    """
    by_aspect: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_aspect[outcome.aspect].append(outcome)
    return {aspect: overall_rate(found, seed=seed) for aspect, found in by_aspect.items()}


def overall_rate(outcomes: Sequence[Outcome], *, seed: int = 0) -> WinRate:
    """Return the win rate of arm A with each pair's mean over raters and aspects."""
    by_pair: defaultdict[tuple[str, str], list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_pair[outcome.pair.a.id, outcome.pair.b.id].append(outcome)
    means = [(found[0].pair, _mean_score(found)) for found in by_pair.values()]
    known = [(pair, mean) for pair, mean in means if mean is not None]
    scores = [mean for _, mean in known]
    return WinRate(
        wins=sum(score > 0.5 for score in scores),
        ties=sum(score == 0.5 for score in scores),
        losses=sum(score < 0.5 for score in scores),
        missing=len(means) - len(known),
        rate=mean_interval(scores, [pair for pair, _ in known], seed=seed),
    )


def mean_interval(values: Sequence[float], pairs: Sequence[Pair], *, seed: int) -> Interval:
    """Return the mean of values and its interval, clients resampled; NaN of no values.

    Args:
        values: as many as `pairs`.
        pairs: whose value each is.
        seed: of the resamples.
    """
    if not values:
        return Interval(nan, nan, nan)
    return cluster_bootstrap(values, [pair.client for pair in pairs], fmean, seed=seed)


def matches_of(outcomes: Sequence[Outcome], name: Callable[[Session], str]) -> list[Match]:
    """Return outcomes as matches, for a ranking of several methods by Bradley and Terry's model.

    Args:
        outcomes: of any number of pairings of methods.
        name: what a session stands for in the ranking: its method, its run.
    """
    return [
        Match(
            client=outcome.pair.client,
            first=name(outcome.pair.a),
            second=name(outcome.pair.b),
            score=0.5 if score == 0.5 else float(score > 0.5),
        )
        for outcome in outcomes
        if (score := outcome.score) is not None
    ]


def _mean_score(outcomes: Sequence[Outcome]) -> float | None:
    scores = [score for outcome in outcomes if (score := outcome.score) is not None]
    return fmean(scores) if scores else None
