import math
import random
from collections.abc import Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magnet.evals.statistics.holm import holm
from magnet.evals.statistics.paired import (
    PERMUTATIONS,
    client_differences,
    compare_items,
    compare_paired,
)


def scores(
    generator: random.Random, clients: int, effect: float
) -> tuple[list[float], list[float], list[int]]:
    """Two methods' scores, three attitudes a client; a client's differences go together."""
    first: list[float] = []
    second: list[float] = []
    for _ in range(clients):
        level, leaning = generator.gauss(3, 1), generator.gauss(0, 0.5)
        for _ in range(3):
            second.append(level + generator.gauss(0, 0.5))
            first.append(level + effect + leaning + generator.gauss(0, 0.5))
    return first, second, [i // 3 for i in range(3 * clients)]


def test_a_planted_difference_is_found() -> None:
    found = compare_paired(*scores(random.Random(1), 30, 0.6))
    assert (found.pairs, found.clients, found.missing) == (90, 30, 0)
    assert found.difference.estimate == pytest.approx(found.first - found.second)
    assert found.difference.low > 0
    assert found.p_permutation < 0.01
    assert found.p_wilcoxon < 0.01
    assert found.p_holm == found.p_permutation
    assert found.dz > 0.4
    assert found.rank_biserial > 0.4


def test_changing_sides_changes_the_sign_alone() -> None:
    first, second, clients = scores(random.Random(2), 12, 0.4)
    a, b = compare_paired(first, second, clients), compare_paired(second, first, clients)
    assert a.difference.estimate == pytest.approx(-b.difference.estimate)
    assert (a.dz, a.rank_biserial) == pytest.approx((-b.dz, -b.rank_biserial))
    assert (a.p_permutation, a.p_wilcoxon) == pytest.approx((b.p_permutation, b.p_wilcoxon))


@settings(deadline=None)
@given(st.lists(st.integers(-3, 3), min_size=2, max_size=8))
def test_the_permutation_test_of_few_clients_tries_every_arrangement(moves: list[int]) -> None:
    clients = [i // 2 for i in range(len(moves))]
    first, second = [float(move) for move in moves], [0.0] * len(moves)
    sums = [sum(moves[i : i + 2]) for i in range(0, len(moves), 2)]
    turned = [
        sum(sign * part for sign, part in zip(signs, sums, strict=True))
        for signs in product((1, -1), repeat=len(sums))
    ]
    expected = sum(abs(total) >= abs(sum(moves)) for total in turned) / len(turned)
    assert compare_paired(first, second, clients).p_permutation == pytest.approx(expected)


def test_the_permutation_test_of_many_clients_never_gives_zero() -> None:
    first = [1.0] * 40
    found = compare_paired(first, [0.0] * 40, range(40))
    assert found.p_permutation == pytest.approx(2 / (PERMUTATIONS + 1))


def test_wilcoxon_is_that_of_hollander_and_wolfe() -> None:
    """Depression of nine patients, Hollander and Wolfe 1973, page 29: V = 40, p = 0.03906."""
    first = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    found = compare_paired(first, second, range(9))
    assert found.p_wilcoxon == pytest.approx(0.0390625)
    # Kerby's formula on the same ranks: 40 of 45 favor the first, 5 the second.
    assert found.rank_biserial == pytest.approx((40 - 5) / 45)


def test_dz_is_the_mean_over_the_deviation_of_clients() -> None:
    first: Sequence[float] = [1, 3, 2, 2, 5, 7]
    found = compare_paired(first, [0.0] * 6, ["a", "a", "b", "b", "c", "c"])
    # Mean differences 2, 2 and 6: mean 10 / 3, standard deviation 4 / sqrt(3).
    assert found.dz == pytest.approx((10 / 3) / (4 / math.sqrt(3)))


def test_missing_scores_take_their_pairs_out_and_are_counted() -> None:
    first, second = [5.0, None, 4.0, 3.0], [4.0, 1.0, None, 3.5]
    found = compare_paired(first, second, ["a", "a", "b", "c"])
    assert (found.pairs, found.missing, found.clients) == (2, 2, 2)
    assert (found.first, found.second) == (4.0, 3.75)
    assert client_differences(first, second, ["a", "a", "b", "c"]).tolist() == [1.0, -0.5]


def test_no_difference_at_all_is_no_finding() -> None:
    found = compare_paired([2.0] * 6, [2.0] * 6, [0, 0, 1, 1, 2, 2])
    assert (found.p_permutation, found.p_wilcoxon) == (1, 1)
    assert (found.dz, found.rank_biserial) == (0, 0)
    assert found.difference.low == found.difference.high == 0


@pytest.mark.parametrize(
    ("first", "second"),
    [([0.1 + 0.2] * 18, [0.3] * 18), ([0.1, 0.2, -0.3] * 6, [0.0] * 18)],
    ids=["of scores", "of a client's mean"],
)
def test_the_rounding_of_floats_is_no_difference(first: list[float], second: list[float]) -> None:
    found = compare_paired(first, second, [pair // 3 for pair in range(18)])
    assert (found.p_permutation, found.p_wilcoxon) == (1, 1)
    assert (found.dz, found.rank_biserial) == (0, 0)


def test_one_client_gives_a_difference_and_nothing_to_infer() -> None:
    found = compare_paired([2.0, 3.0], [1.0, 1.0], ["a", "a"])
    assert found.difference.estimate == 1.5
    assert math.isnan(found.difference.low)
    assert math.isnan(found.dz)
    assert (found.p_permutation, found.p_wilcoxon) == (1, 1)


def test_scores_that_cannot_be_paired_are_refused() -> None:
    with pytest.raises(ValueError, match="no pair of sessions has both scores"):
        compare_paired([None, 1.0], [1.0, None], ["a", "b"])
    with pytest.raises(ValueError, match="argument 2 is"):
        compare_paired([1.0], [1.0, 2.0], ["a"])


def test_holm_on_a_published_example() -> None:
    """The example of stdlib's padjust, which follows R's p.adjust."""
    adjusted = holm(dict(enumerate([0.319, 0.201, 0.4, 0.374, 0.113])))
    assert list(adjusted.values()) == pytest.approx([0.957, 0.804, 0.957, 0.957, 0.565])
    assert holm({}) == {}


@given(st.dictionaries(st.text(max_size=3), st.floats(0, 1), max_size=8))
def test_holm_rejects_what_its_steps_reject(p_values: dict[str, float]) -> None:
    adjusted = holm(p_values)
    for alpha in (0.01, 0.05, 0.5):
        rejected = set[str]()
        for rank, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
            if p_values[name] * (len(p_values) - rank) > alpha:
                break
            rejected.add(name)
        assert {name for name, p in adjusted.items() if p <= alpha} == rejected


def test_items_are_adjusted_together() -> None:
    generator = random.Random(5)
    first, second, clients = scores(generator, 20, 0.8)
    noise = [score + generator.gauss(0, 1) for score in second]
    found = compare_items({"real": (first, second), "noise": (noise, second)}, clients)
    alone = compare_paired(first, second, clients)
    assert found["real"].p_permutation == alone.p_permutation
    assert found["real"].p_holm == pytest.approx(2 * alone.p_permutation)
    assert found["noise"].p_holm == found["noise"].p_permutation


@pytest.mark.slow
def test_methods_that_do_not_differ_are_told_apart_in_about_5_of_100_runs() -> None:
    generator = random.Random(6)
    found = [compare_paired(*scores(generator, 12, 0), resamples=2) for _ in range(200)]
    for p in ("p_permutation", "p_wilcoxon"):
        rejected = sum(getattr(one, p) <= 0.05 for one in found)
        assert 2 <= rejected <= 20, (p, rejected)
