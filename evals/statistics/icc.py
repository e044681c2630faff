"""Intraclass correlation: agreement of raters on a scale with distances."""

from dataclasses import dataclass
from math import inf, nan

import numpy as np
import numpy.typing as npt

from magnet.evals.statistics.bootstrap import Interval

_UNDEFINED = Interval(nan, nan, nan)
_FULL = 1 - 1e-12


@dataclass(frozen=True, slots=True)
class Icc:
    """Two-way random effects, absolute agreement: raters stand for others like them."""

    sessions: int
    """Rows without a missing score."""
    single: Interval
    """ICC(2,1): of one rater's score."""
    average: Interval
    """ICC(2,k): of the mean of all raters' scores."""


def icc(ratings: npt.ArrayLike, *, level: float = 0.95) -> Icc:
    """Return ICC(2,1) and ICC(2,k) (Shrout and Fleiss 1979, Psychological Bulletin 86).

    The interval is theirs (page 425; McGraw and Wong 1996, table 7): it takes the sessions as
    independent, so that with several sessions a client it is somewhat too narrow.

    Args:
        ratings: a row a session, a column a rater; rows with a NaN are left out.
        level: of the intervals.

    Returns:
        The coefficients; NaN with fewer than two raters or full rows, or where the scores do not
        vary enough to tell.
    """
    table = np.asarray(ratings, dtype=np.float64)
    table = table[~np.isnan(table).any(axis=1)]
    n, k = table.shape
    if n < 2 or k < 2 or np.ptp(table) == 0:
        return Icc(n, _UNDEFINED, _UNDEFINED)
    between_rows = k * table.mean(axis=1).var(ddof=1)
    between_raters = n * table.mean(axis=0).var(ddof=1)
    residuals = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    rest = (residuals**2).sum() / ((n - 1) * (k - 1))
    total = between_rows + (k - 1) * rest + k * (between_raters - rest) / n
    if total <= 0:
        return Icc(n, _UNDEFINED, _UNDEFINED)
    single = float((between_rows - rest) / total)
    low, high = _bounds(between_rows, between_raters, rest, single, n, k, level)
    average = [_of_mean(value, k) for value in (single, low, high)]
    return Icc(n, Interval(single, low, high), Interval(*average))


def _bounds(
    between_rows: float,
    between_raters: float,
    rest: float,
    single: float,
    n: int,
    k: int,
    level: float,
) -> tuple[float, float]:
    from scipy import stats

    if single > _FULL:
        return single, single
    a = k * single / (n * (1 - single))
    b = 1 + a * (n - 1)
    # Satterthwaite's degrees of freedom of a * between_raters + b * rest.
    below = (a * between_raters) ** 2 / (k - 1) + (b * rest) ** 2 / ((n - 1) * (k - 1))
    if not below:
        return nan, nan
    freedom = (a * between_raters + b * rest) ** 2 / below
    upper = (1 + level) / 2
    f_low = float(stats.f.ppf(upper, n - 1, freedom))
    f_high = float(stats.f.ppf(upper, freedom, n - 1))
    spread = k * between_raters + (k * n - k - n) * rest
    # Where the sessions do not vary at all a bound may be 0 / 0: NaN.
    with np.errstate(invalid="ignore", divide="ignore"):
        low = n * (between_rows - f_low * rest) / (f_low * spread + n * between_rows)
        high = n * (f_high * between_rows - rest) / (spread + n * f_high * between_rows)
    return float(low), float(high)


def _of_mean(single: float, k: int) -> float:
    """Step a single rater's coefficient up to that of the mean of `k` (Spearman and Brown)."""
    below = 1 + (k - 1) * single
    return k * single / below if below > 0 else -inf
