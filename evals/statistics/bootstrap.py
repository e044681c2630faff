"""Intervals by resampling clients.

The percentile bootstrap over clusters (Davison and Hinkley 1997, section 3.8), expanded for the
number of clients (Hesterberg 2015, The American Statistician 69, section 5.3). Below some ten
clients it is still too narrow: it cannot know of clients that it has not seen.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from math import floor, isnan, nan, sqrt
from random import Random
from statistics import NormalDist
from typing import TypeVar

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate and the bounds of its interval; bounds that cannot be had are NaN."""

    estimate: float
    low: float
    high: float


def cluster_bootstrap(
    values: Sequence[V],
    clusters: Sequence[Hashable],
    statistic: Callable[[Sequence[V]], float],
    *,
    resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Return a statistic with its percentile interval over resampled clusters.

    Args:
        values: one a session.
        clusters: whose session it is, the client as a rule; as many as `values`.
        statistic: what is estimated from values; NaN where it is undefined.
        resamples: how many times the clusters are drawn with replacement.
        level: of the interval.
        seed: of the draws.

    Returns:
        The statistic of all values; the bounds leave out resamples where it is undefined, and are
        NaN with fewer than two clusters.

    Raises:
        ValueError: if there are no values, or not one cluster for each.
    """
    if len(values) != len(clusters):
        raise ValueError(f"{len(values)} values, {len(clusters)} clusters: expected one for each")

    def of_rows(rows: Sequence[int]) -> float:
        return statistic([values[row] for row in rows])

    return bootstrap_rows(clusters, of_rows, resamples=resamples, level=level, seed=seed)


def bootstrap_rows(
    clusters: Sequence[Hashable],
    statistic: Callable[[Sequence[int]], float],
    *,
    resamples: int = 2000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Do as `cluster_bootstrap` with a statistic of places, for values that lie in arrays.

    Raises:
        ValueError: if there are no clusters.
    """
    rows = rows_by_cluster(clusters)
    if not rows:
        raise ValueError("no values to resample")
    estimate = statistic(range(len(clusters)))
    if len(rows) < 2:
        return Interval(estimate, nan, nan)
    draw = Random(seed).choices
    drawn = (chain.from_iterable(draw(rows, k=len(rows))) for _ in range(resamples))
    found = [statistic([*places]) for places in drawn]
    return Interval(estimate, *percentiles(found, expanded_level(level, len(rows))))


def rows_by_cluster(clusters: Iterable[Hashable]) -> list[list[int]]:
    """Return the places of each cluster, the clusters in the order of their first place."""
    found: dict[Hashable, list[int]] = {}
    for place, cluster in enumerate(clusters):
        found.setdefault(cluster, []).append(place)
    return list(found.values())


def expanded_level(level: float, clusters: int) -> float:
    """Return the level at which percentiles of resamples are as wide as an interval by t.

    Resampled means spread by the factor sqrt((k - 1) / k) too little, and a normal quantile stands
    where that of t with k - 1 degrees of freedom should.

    Args:
        level: that is wanted.
        clusters: k, at least 2.
    """
    z, v = NormalDist().inv_cdf((1 + level) / 2), clusters - 1
    # Abramowitz and Stegun 26.7.5.
    t = (
        z
        + (z**3 + z) / (4 * v)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * v**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * v**3)
    )
    return 2 * NormalDist().cdf(t * sqrt(clusters / v)) - 1


def percentiles(found: Iterable[float], level: float) -> tuple[float, float]:
    """Return the bounds that hold the middle `level` of what was found, NaN left out."""
    ordered = sorted(value for value in found if not isnan(value))
    if not ordered:
        return nan, nan
    return _quantile(ordered, (1 - level) / 2), _quantile(ordered, (1 + level) / 2)


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    below = floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
