import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magnet.evals.statistics.agreement import Level, krippendorff_alpha, measure_agreement
from magnet.evals.statistics.calibration import RangeUse, range_use, rank_correlation
from magnet.evals.statistics.icc import icc

NONE = math.nan
# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", example C: four observers.
OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, NONE, NONE, NONE],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NONE, 3],
    [NONE, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NONE],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NONE],
]
UNITS = [list(unit) for unit in zip(*OBSERVERS, strict=True)]
# Shrout and Fleiss 1979, table 2: six targets, four judges.
TARGETS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]

tables = st.integers(2, 4).flatmap(
    lambda raters: st.lists(
        st.lists(st.integers(0, 6), min_size=raters, max_size=raters), min_size=2, max_size=8
    )
)


@pytest.mark.parametrize(
    ("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)]
)
def test_alpha_is_that_of_krippendorffs_example(level: Level, alpha: float) -> None:
    assert krippendorff_alpha(UNITS, level) == pytest.approx(alpha, abs=0.0006)


def test_alpha_without_variation_or_pairs_is_undefined() -> None:
    for ratings in ([[3, 3], [3, 3]], [[1, NONE], [NONE, 2]], [[NONE, NONE]]):
        assert math.isnan(krippendorff_alpha(ratings))


def test_icc_is_that_of_shrout_and_fleiss() -> None:
    found = icc(TARGETS)
    assert found.sessions == 6
    assert found.single.estimate == pytest.approx(0.29, abs=0.005)
    assert found.average.estimate == pytest.approx(0.62, abs=0.005)
    # The intervals that R's psych 2.4 gives for the same table.
    assert (found.single.low, found.single.high) == pytest.approx((0.019, 0.761), abs=0.0006)
    assert (found.average.low, found.average.high) == pytest.approx((0.071, 0.927), abs=0.0006)


@settings(deadline=None)
@given(tables)
def test_icc_leaves_out_incomplete_rows_and_never_exceeds_one(table: list[list[int]]) -> None:
    found = icc(table)
    assert repr(icc([*table, [NONE] * len(table[0])])) == repr(found)
    # Below 0 the formulas give bounds that need not hold the estimate.
    if found.single.estimate > 0:
        assert found.single.low <= found.single.estimate + 1e-9
        assert found.single.estimate <= found.single.high + 1e-9
        assert found.single.estimate <= 1 + 1e-9


def test_icc_of_full_agreement_is_one_and_of_one_score_undefined() -> None:
    full = icc([[1, 1], [4, 4], [6, 6]])
    assert full.single.estimate == full.average.estimate == pytest.approx(1)
    assert full.single.low == pytest.approx(1)
    for table in ([[2, 2], [2, 2]], [[1, 2]], [[1], [2]], [[1, 2], [2, 1]]):
        assert math.isnan(icc(table).single.estimate)


def test_agreement_resamples_clients_and_counts_what_it_used() -> None:
    generator = np.random.default_rng(1)
    truth = np.repeat(generator.integers(0, 7, 20), 3).astype(float)
    ratings = np.clip(np.round(truth[:, None] + generator.normal(0, 0.7, (60, 2))), 0, 6)
    ratings[0, 0] = NONE
    found = measure_agreement(ratings, [i // 3 for i in range(60)], resamples=200)
    assert (found.sessions, found.raters) == (59, 2)
    assert found.icc.sessions == 59
    assert 0.7 < found.alpha.low < found.alpha.estimate < found.alpha.high < 1
    assert found.alpha.estimate == krippendorff_alpha(ratings)
    by_session = measure_agreement(ratings, range(60), resamples=200)
    assert by_session.alpha.high - by_session.alpha.low < found.alpha.high - found.alpha.low
    with pytest.raises(ValueError, match="60 rows, 2 clients"):
        measure_agreement(ratings, ["a", "b"])


def test_rank_correlation_of_known_orders() -> None:
    assert rank_correlation([1, 2, 3, 4], [0, 2, 5, 6]) == 1
    assert rank_correlation([1, 2, 3, 4], [6, 5, 2, 0]) == -1
    # Ties take their mean rank: ranks 1, 2.5, 2.5, 4 against 1, 2, 3, 4.
    assert rank_correlation([1, 2, 3, 4], [0, 3, 3, 6]) == pytest.approx(math.sqrt(0.9))
    assert math.isnan(rank_correlation([1, 2, 3], [4, 4, 4]))
    with pytest.raises(ValueError, match="expected 2 scores, got 1"):
        rank_correlation([1, 2], [1])


def test_range_use_counts_both_ends() -> None:
    assert range_use([0, 0, 3, 6], 0, 6) == RangeUse(floor=0.5, ceiling=0.25)
    assert range_use([], 0, 6) == RangeUse(floor=0, ceiling=0)
