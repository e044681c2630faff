import math
from collections.abc import Sequence
from statistics import NormalDist, fmean

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnet.evals.statistics.bootstrap import (
    Interval,
    bootstrap_rows,
    cluster_bootstrap,
    expanded_level,
    percentiles,
)

floats = st.floats(-100, 100)


def test_clusters_are_drawn_whole() -> None:
    values = [("a", 1), ("a", 2), ("b", 3), ("c", 4)]
    seen: list[list[tuple[str, int]]] = []

    def statistic(drawn: list[tuple[str, int]]) -> float:
        seen.append(drawn)
        return 0.0

    cluster_bootstrap(values, [name for name, _ in values], statistic, resamples=50)
    assert seen[0] == values
    for drawn in seen:
        assert drawn.count(("a", 1)) == drawn.count(("a", 2))
        assert len({name for name, _ in drawn}) <= 3
    assert any(drawn.count(("b", 3)) > 1 for drawn in seen)


@given(st.lists(floats, min_size=2, max_size=20))
def test_the_interval_lies_within_the_values_and_holds_their_mean(values: list[float]) -> None:
    found = cluster_bootstrap(values, range(len(values)), fmean, resamples=200)
    assert found.estimate == fmean(values)
    # Means of the same values in another order differ in their last digits.
    assert min(values) - 1e-9 <= found.low <= found.high <= max(values) + 1e-9


def test_a_higher_level_gives_a_wider_interval_and_a_seed_the_same() -> None:
    values = [float(i % 7) for i in range(40)]
    clients = [i // 2 for i in range(40)]
    narrow, wide, again = (
        cluster_bootstrap(values, clients, fmean, level=level) for level in (0.5, 0.99, 0.5)
    )
    assert wide.low < narrow.low < narrow.high < wide.high
    assert again == narrow
    assert cluster_bootstrap(values, clients, fmean, level=0.5, seed=1) != narrow


def test_dependence_within_clients_widens_the_interval() -> None:
    values = [client / 10 for client in range(20) for _ in range(3)]
    by_client = cluster_bootstrap(values, [i // 3 for i in range(60)], fmean)
    by_session = cluster_bootstrap(values, range(60), fmean)
    ratio = (by_client.high - by_client.low) / (by_session.high - by_session.low)
    assert ratio == pytest.approx(math.sqrt(3), rel=0.15)


def test_one_client_has_no_interval() -> None:
    found = cluster_bootstrap([1.0, 2.0], ["a", "a"], fmean)
    assert found.estimate == 1.5
    assert math.isnan(found.low)
    assert math.isnan(found.high)


def test_resamples_without_a_value_are_left_out() -> None:
    def of_several(rows: Sequence[int]) -> float:
        drawn = set(rows)
        return math.nan if len(drawn) < 2 else float(len(drawn))

    found = bootstrap_rows(["a", "b"], of_several)
    assert found == Interval(2.0, 2.0, 2.0)
    assert all(map(math.isnan, percentiles([math.nan], 0.95)))


def test_percentiles_lie_between_neighbors() -> None:
    assert percentiles([40.0, 10.0, 20.0, 30.0, 50.0], 0.5) == (20.0, 40.0)
    assert percentiles([0.0, 1.0], 0.5) == (0.25, 0.75)


def test_values_without_clients_are_refused() -> None:
    with pytest.raises(ValueError, match="2 values, 1 clusters"):
        cluster_bootstrap([1.0, 2.0], ["a"], fmean)
    with pytest.raises(ValueError, match="no values"):
        cluster_bootstrap([], [], fmean)


@pytest.mark.slow
@pytest.mark.parametrize("clients", [10, 30])
def test_about_95_of_100_intervals_hold_the_truth(clients: int) -> None:
    generator = np.random.default_rng(5)
    owners = [i // 3 for i in range(3 * clients)]
    held = 0
    for seed in range(600):
        level = np.repeat(generator.normal(3, 1, clients), 3)
        values = (level + generator.normal(0, 1, 3 * clients)).tolist()
        found = cluster_bootstrap(values, owners, fmean, resamples=400, seed=seed)
        held += found.low <= 3 <= found.high
    # 570 are expected; three standard deviations are 16.
    assert 552 <= held <= 588


def test_the_level_is_widened_as_t_is_wider_than_the_normal() -> None:
    # The 0.975 quantile of t with 9 degrees of freedom is 2.262, and 2.262 * sqrt(10 / 9) = 2.385.
    assert expanded_level(0.95, 10) == pytest.approx(2 * NormalDist().cdf(2.385) - 1, abs=1e-4)
    assert expanded_level(0.95, 10_000) == pytest.approx(0.95, abs=1e-4)
    assert expanded_level(0.95, 2) > 0.999
