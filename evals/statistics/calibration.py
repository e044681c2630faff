"""How well a judge orders sessions whose order is known, and how much of a scale it uses."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan


@dataclass(frozen=True, slots=True)
class RangeUse:
    """Shares of the scores at the ends of a scale, 0 to 1."""

    floor: float
    ceiling: float


def rank_correlation(expected: Sequence[float], given: Sequence[float]) -> float:
    """Return Spearman's rho, ties at their mean rank; NaN where either does not vary.

    Args:
        expected: the known order, as ranks or levels.
        given: the judge's scores, in the same order of sessions.

    Raises:
        ValueError: if the lengths differ.
    """
    from scipy import stats

    if len(expected) != len(given):
        raise ValueError(f"expected {len(expected)} scores, got {len(given)}")
    if len(set(expected)) < 2 or len(set(given)) < 2:
        return nan
    return float(stats.spearmanr(expected, given).statistic)


def range_use(scores: Sequence[float], lowest: float, highest: float) -> RangeUse:
    """Return how many of the scores are the scale's lowest, and its highest; 0 of no scores."""
    count = max(len(scores), 1)
    return RangeUse(
        floor=sum(score <= lowest for score in scores) / count,
        ceiling=sum(score >= highest for score in scores) / count,
    )
