"""Agreement of raters on the same sessions: judges, samples of one judge, people."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import nan
from typing import Literal

import numpy as np
import numpy.typing as npt

from magnet.evals.statistics.bootstrap import Interval, bootstrap_rows
from magnet.evals.statistics.icc import Icc, icc

Level = Literal["nominal", "ordinal", "interval"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far raters agree on one item."""

    sessions: int
    """Sessions that at least two raters scored."""
    raters: int
    alpha: Interval
    """Krippendorff's alpha, clients resampled: 1 is full agreement, 0 what chance would give."""
    icc: Icc
    """Over the sessions that every rater scored."""


def krippendorff_alpha(ratings: npt.ArrayLike, level: Level = "ordinal") -> float:
    """Return Krippendorff's alpha (Krippendorff 2019, chapter 12).

    Args:
        ratings: a row a session, a column a rater; NaN where a rater gave no score.
        level: how scores differ: `ordinal` by rank, `interval` by distance.

    Returns:
        Alpha; NaN where it is undefined: no session has two scores, or all scores are the same.
    """
    import krippendorff

    table = np.asarray(ratings, dtype=np.float64)
    paired = table[(~np.isnan(table)).sum(axis=1) >= 2]
    if len(np.unique(paired[~np.isnan(paired)])) < 2:
        return nan
    return float(krippendorff.alpha(reliability_data=paired.T, level_of_measurement=level))


def measure_agreement(
    ratings: npt.ArrayLike,
    clients: Sequence[Hashable],
    *,
    level: Level = "ordinal",
    resamples: int = 1000,
    seed: int = 0,
) -> Agreement:
    """Measure how far raters agree on one item.

    Args:
        ratings: a row a session, a column a rater; NaN where a rater gave no score.
        clients: whose session it is.
        level: as in `krippendorff_alpha`.
        resamples: of alpha's interval.
        seed: of the resamples.

    Raises:
        ValueError: if there are no ratings, or not one client for each row.
    """
    table = np.asarray(ratings, dtype=np.float64)
    rated = ~np.isnan(table)
    if len(table) != len(clients):
        raise ValueError(f"{len(table)} rows, {len(clients)} clients: expected one for each")
    alpha = bootstrap_rows(
        clients,
        lambda rows: krippendorff_alpha(table[rows], level),
        resamples=resamples,
        seed=seed,
    )
    return Agreement(
        sessions=int((rated.sum(axis=1) >= 2).sum()),
        raters=int(rated.any(axis=0).sum()),
        alpha=alpha,
        icc=icc(table),
    )
