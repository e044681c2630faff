from collections import Counter
from math import log
from statistics import quantiles

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnet.evals.quality.statistic import (
    add,
    commonest,
    normalized_entropy,
    part,
    percentile,
    rate,
    share_of_commonest,
)


def test_a_rate_of_a_sum_weighs_each_thing_alike() -> None:
    total = add([part(1, 2), part(0, 8)])
    assert rate([*total], [*total.values()]) == 1 / 10


@given(st.lists(st.integers(0, 200), min_size=2), st.sampled_from([5, 50, 95]))
def test_percentiles_are_those_of_all_numbers_in_order(numbers: list[int], percent: int) -> None:
    tally = Counter(numbers)
    things = sorted(tally)
    found = percentile(percent)(things, [tally[thing] for thing in things])
    expected = quantiles(numbers, n=100, method="inclusive")[percent - 1]
    assert found == pytest.approx(expected)


def test_the_percentiles_of_one_number_are_that_number() -> None:
    assert percentile(95)([7], [1]) == 7


@given(st.lists(st.integers(0, 50), min_size=1, max_size=12).filter(any))
def test_entropy_is_0_for_one_category_and_1_for_all_alike(amounts: list[int]) -> None:
    names = [chr(97 + place) for place in range(len(amounts))]
    found = normalized_entropy(12)(names, amounts)
    assert 0 <= found <= 1
    assert (found == 0) == (sum(amount > 0 for amount in amounts) == 1)


def test_entropy_of_known_shares() -> None:
    assert normalized_entropy(2)(["a", "b"], [5, 5]) == pytest.approx(1)
    expected = (0.75 * log(4 / 3) + 0.25 * log(4)) / log(3)
    assert normalized_entropy(3)(["a", "b"], [3, 1]) == pytest.approx(expected)


def test_the_empty_name_counts_among_all_and_is_never_common() -> None:
    assert commonest(["", "a", "b"], [6, 1, 3], 2) == {"b": 0.3, "a": 0.1}
    assert share_of_commonest(1)(["", "a", "b"], [6, 1, 3]) == 0.3
