"""Comparing two methods on the same clients and attitudes."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import copysign, inf, nan

import numpy as np
import numpy.typing as npt

from magnet.evals.statistics.bootstrap import Interval, bootstrap_rows, rows_by_cluster
from magnet.evals.statistics.holm import holm

Floats = npt.NDArray[np.float64]
Scores = Sequence[float | None]
"""One a pair of sessions; none where a judge's answer is missing."""

PERMUTATIONS = 9999
# Scores are means of few numbers: what lies beyond these places is the rounding of floats, and
# would give those who do not differ a sign and a rank.
_PLACES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class PairedComparison:
    """What two methods' scores on the same clients and attitudes say about their difference."""

    pairs: int
    """Pairs with both scores."""
    missing: int
    """Pairs left out for a missing score."""
    clients: int
    first: float
    """Mean of the first method's scores."""
    second: float
    difference: Interval
    """First minus second, in points of the scale; clients resampled."""
    p_permutation: float
    """Two-sided, whole clients swapped."""
    p_wilcoxon: float
    """Two-sided signed-rank test of the clients' mean differences."""
    p_holm: float
    """`p_permutation` adjusted for the items that were compared with this one."""
    dz: float
    """Mean over standard deviation of the clients' mean differences (Cohen 1988, section 2.3.5)."""
    rank_biserial: float
    """From -1 to 1: the share of the signed ranks that favor the first, less that of those that
    favor the second (Kerby 2014)."""


def compare_paired(
    first: Scores,
    second: Scores,
    clients: Sequence[Hashable],
    *,
    resamples: int = 2000,
    seed: int = 0,
) -> PairedComparison:
    """Compare two methods' scores, paired by client and attitude.

    Args:
        first: the first method's scores, one a pair.
        second: the second method's, in the same order.
        clients: whose pair it is.
        resamples: of the interval.
        seed: of resamples and permutations.

    Raises:
        ValueError: if the lengths differ, or no pair has both scores.
    """
    both = [
        (a, b, client)
        for a, b, client in zip(first, second, clients, strict=True)
        if a is not None and b is not None
    ]
    if not both:
        raise ValueError("no pair of sessions has both scores")
    a = np.asarray([pair[0] for pair in both], dtype=np.float64)
    b = np.asarray([pair[1] for pair in both], dtype=np.float64)
    owners = [pair[2] for pair in both]
    differences = a - b
    means = _by_client(differences, owners, np.mean)
    p = permutation_test(differences, owners, seed=seed)
    return PairedComparison(
        pairs=len(both),
        missing=len(first) - len(both),
        clients=len(means),
        first=float(a.mean()),
        second=float(b.mean()),
        difference=bootstrap_rows(
            owners, lambda rows: float(differences[rows].mean()), resamples=resamples, seed=seed
        ),
        p_permutation=p,
        p_wilcoxon=_wilcoxon(means),
        p_holm=p,
        dz=_dz(means),
        rank_biserial=_rank_biserial(means),
    )


def compare_items(
    items: Mapping[str, tuple[Scores, Scores]],
    clients: Sequence[Hashable],
    *,
    resamples: int = 2000,
    seed: int = 0,
) -> dict[str, PairedComparison]:
    """Compare two methods on each item of a scale; `p_holm` counts all of the items.

    Args:
        items: the first and the second method's scores by item, one a pair.
        clients: whose pair it is, in the same order for every item.
        resamples: as in `compare_paired`.
        seed: as in `compare_paired`.

    Raises:
        ValueError: as `compare_paired`.
    """
    compared = {
        item: compare_paired(first, second, clients, resamples=resamples, seed=seed)
        for item, (first, second) in items.items()
    }
    adjusted = holm({item: found.p_permutation for item, found in compared.items()})
    return {item: replace(found, p_holm=adjusted[item]) for item, found in compared.items()}


def client_differences(first: Scores, second: Scores, clients: Sequence[Hashable]) -> Floats:
    """Return each client's mean difference, pairs with a missing score left out.

    Raises:
        ValueError: if the lengths differ.
    """
    both = [
        (a - b, client)
        for a, b, client in zip(first, second, clients, strict=True)
        if a is not None and b is not None
    ]
    differences = np.asarray([difference for difference, _ in both], dtype=np.float64)
    return _by_client(differences, [client for _, client in both], np.mean)


def permutation_test(differences: Floats, clients: Sequence[Hashable], *, seed: int = 0) -> float:
    """Return the two-sided p-value of a mean difference under swaps of the methods.

    If the methods do not differ, a client's differences are as likely with the opposite signs; all
    of a client's are turned at once, since they are not independent. Every arrangement is tried if
    there are at most `PERMUTATIONS`, else so many are drawn, and the observed one counts among them
    (Phipson and Smyth 2010).
    """
    from scipy import stats

    sums = _by_client(differences, clients, np.sum)
    if len(sums) < 2:
        return 1.0
    tested = stats.permutation_test(
        (sums,),
        np.sum,
        permutation_type="samples",
        vectorized=True,
        n_resamples=PERMUTATIONS,
        rng=np.random.default_rng(seed),
    )
    return float(tested.pvalue)


def _by_client(
    differences: Floats, clients: Sequence[Hashable], of: Callable[[Floats], np.floating]
) -> Floats:
    found = [float(of(differences[rows])) for rows in rows_by_cluster(clients)]
    return np.asarray(found, dtype=np.float64).round(_PLACES)


def _wilcoxon(differences: Floats) -> float:
    from scipy import stats

    return float(stats.wilcoxon(differences).pvalue) if differences.any() else 1.0


def _dz(differences: Floats) -> float:
    if len(differences) < 2:
        return nan
    mean, spread = float(differences.mean()), float(differences.std(ddof=1))
    if spread:
        return mean / spread
    return copysign(inf, mean) if mean else 0.0


def _rank_biserial(differences: Floats) -> float:
    from scipy import stats

    moved = differences[differences != 0]
    if not len(moved):
        return 0.0
    ranks = stats.rankdata(np.abs(moved))
    return float((ranks * np.sign(moved)).sum() / ranks.sum())
