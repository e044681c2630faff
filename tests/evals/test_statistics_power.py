import random

import pytest

from magnet.evals.statistics.paired import compare_paired
from magnet.evals.statistics.power import clients_needed, power_of


@pytest.mark.parametrize(("effect", "clients"), [(0.2, 199), (0.5, 34), (0.8, 15)])
def test_small_medium_and_large_effects_need_what_gpower_says(effect: float, clients: int) -> None:
    """G*Power 3.1, t test of the difference between two dependent means, two tails, 0.05, 0.8."""
    assert clients_needed(effect, 1.0) == clients
    assert clients_needed(-2 * effect, 2.0) == clients
    assert power_of(clients, effect) >= 0.8 > power_of(clients - 1, effect)


def test_more_tests_and_more_power_need_more_clients() -> None:
    one = clients_needed(0.3, 1.0)
    assert clients_needed(0.3, 1.0, tests=6) > one
    assert clients_needed(0.3, 1.0, power=0.95) > one
    assert clients_needed(0.3, 1.0, tests=6) == clients_needed(0.3, 1.0, alpha=0.05 / 6)


def test_a_very_large_effect_needs_at_least_two_clients() -> None:
    assert clients_needed(100, 1.0) >= 2


def test_what_cannot_be_planned_is_refused() -> None:
    for difference, spread in ((0, 1.0), (1, 0.0), (1, -1.0)):
        with pytest.raises(ValueError, match="expected a difference"):
            clients_needed(difference, spread)
    for power in (0.05, 1.0, 1.2):
        with pytest.raises(ValueError, match="expected a power"):
            clients_needed(1, 1.0, power=power)


@pytest.mark.slow
def test_the_planned_number_of_clients_finds_the_difference_as_often_as_planned() -> None:
    generator = random.Random(1)
    clients = clients_needed(0.4, 0.7)
    found = 0
    for _ in range(200):
        differences = [generator.gauss(0.4, 0.7) for _ in range(clients)]
        compared = compare_paired(differences, [0.0] * clients, range(clients), resamples=2)
        found += compared.p_permutation <= 0.05
    assert 140 <= found <= 180
