import math
from collections.abc import Iterable
from itertools import combinations

import numpy as np
import pytest

from magnet.evals.statistics.bradley_terry import (
    Match,
    bootstrap_bradley_terry,
    fit_bradley_terry,
)

# Davidson 1970, table 3: brands of chocolate pudding; wins of the first, of the second, ties.
PUDDINGS = {
    (1, 2): (19, 22, 16),
    (1, 3): (16, 19, 12),
    (2, 3): (19, 19, 10),
    (1, 4): (18, 23, 13),
    (2, 4): (23, 19, 9),
    (3, 4): (19, 20, 15),
    (1, 5): (13, 19, 18),
    (2, 5): (16, 20, 12),
    (3, 5): (16, 15, 17),
    (4, 5): (17, 14, 16),
    (1, 6): (18, 21, 12),
    (2, 6): (22, 20, 12),
    (3, 6): (13, 18, 10),
    (4, 6): (14, 19, 18),
    (5, 6): (11, 21, 12),
}
DAVIDSON = (0.1388005, 0.1729985, 0.1617420, 0.1653930, 0.1586805, 0.2023855)
DAVIDSON_NU = 0.7468147

# Agresti 2002, tables 10.10 and 10.11: games won in 1987, row against column, and the fit.
TEAMS = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
WON = (
    (0, 7, 9, 7, 7, 9, 11),
    (6, 0, 7, 5, 11, 9, 9),
    (4, 6, 0, 7, 7, 8, 12),
    (6, 8, 6, 0, 6, 7, 10),
    (6, 2, 6, 7, 0, 7, 12),
    (4, 4, 5, 6, 6, 0, 6),
    (2, 4, 1, 3, 1, 7, 0),
)
AGRESTI = (1.58, 1.44, 1.29, 1.25, 1.11, 0.68, 0.0)


def matches(first: str, second: str, won: int, lost: int, tied: int) -> Iterable[Match]:
    for score, times in ((1.0, won), (0.0, lost), (0.5, tied)):
        for number in range(times):
            yield Match(client=number, first=first, second=second, score=score)


def test_ties_are_those_of_davidsons_example() -> None:
    played = [
        match for (a, b), counts in PUDDINGS.items() for match in matches(str(a), str(b), *counts)
    ]
    found = fit_bradley_terry(played, prior_sd=math.inf)
    worths = np.exp([found.log_worths[str(brand)] for brand in range(1, 7)])
    # Davidson stopped after seven rounds; PlackettLuce 0.4 repeats his figures by doing so too.
    assert worths / worths.sum() == pytest.approx(DAVIDSON, abs=2e-4)
    assert found.nu == pytest.approx(DAVIDSON_NU, abs=2e-3)
    assert sum(found.log_worths.values()) == pytest.approx(0, abs=1e-9)
    with_prior = fit_bradley_terry(played)
    for brand, worth in found.log_worths.items():
        assert with_prior.log_worths[brand] == pytest.approx(worth, abs=0.005)


def test_without_ties_it_is_agrestis_example() -> None:
    played = [
        match
        for (i, a), (j, b) in combinations(enumerate(TEAMS), 2)
        for match in matches(a, b, WON[i][j], WON[j][i], 0)
    ]
    found = fit_bradley_terry(played, prior_sd=math.inf)
    assert found.nu == 0
    last = found.log_worths["Baltimore"]
    fitted = [found.log_worths[team] - last for team in TEAMS]
    assert fitted == pytest.approx(AGRESTI, abs=0.006)
    # Agresti, section 10.6.1: Boston beats New York with an estimated chance of 0.46.
    assert found.win_probability("Boston", "New York") == pytest.approx(0.46, abs=0.006)


def test_the_order_of_a_match_does_not_matter() -> None:
    played = [*matches("b", "a", 6, 2, 3), *matches("b", "c", 3, 3, 2)]
    turned = [Match(m.client, m.second, m.first, 1 - m.score) for m in played]
    assert fit_bradley_terry(played) == fit_bradley_terry(turned)


def test_win_probability_is_what_was_seen_between_two() -> None:
    found = fit_bradley_terry([*matches("a", "b", 60, 20, 20)], prior_sd=math.inf)
    assert found.win_probability("a", "b") == pytest.approx(0.7, abs=1e-4)
    assert found.win_probability("b", "a") == pytest.approx(0.3, abs=1e-4)


def test_a_method_that_always_wins_has_a_finite_worth_and_interval() -> None:
    played = [*matches("a", "b", 8, 0, 0), *matches("b", "c", 8, 0, 0), *matches("a", "c", 8, 0, 0)]
    found = bootstrap_bradley_terry(played, resamples=50)
    assert found["a"].estimate > found["b"].estimate > found["c"].estimate
    for interval in found.values():
        assert math.isfinite(interval.low)
        assert math.isfinite(interval.high)


def test_one_client_has_no_interval() -> None:
    found = bootstrap_bradley_terry([Match("x", "a", "b", 1.0), Match("x", "a", "b", 0.0)])
    assert found["a"].estimate == pytest.approx(0, abs=1e-6)
    assert math.isnan(found["a"].low)


def test_only_ties_leave_methods_equal() -> None:
    found = fit_bradley_terry([*matches("a", "b", 0, 0, 9)])
    assert found.log_worths == pytest.approx({"a": 0, "b": 0}, abs=1e-6)
    assert found.win_probability("a", "b") == pytest.approx(0.5)


def test_the_bootstrap_draws_clients_with_all_their_matches() -> None:
    """Copies of a client's matches are no new clients: the interval stays as wide."""
    once = [
        Match(client, "a", "b", score)
        for client, score in enumerate([1.0] * 12 + [0.0] * 6 + [0.5] * 4)
    ]
    narrow = [Match((m.client, copy), m.first, m.second, m.score) for m in once for copy in "xyzv"]
    one, copied, independent = (
        bootstrap_bradley_terry(played, resamples=200)["a"] for played in (once, once * 4, narrow)
    )
    assert copied.high - copied.low == pytest.approx(one.high - one.low, rel=0.2)
    assert independent.high - independent.low < 0.65 * (one.high - one.low)
    assert one.low < one.estimate < one.high


def test_matches_that_cannot_be_ranked_are_refused() -> None:
    with pytest.raises(ValueError, match="no matches"):
        fit_bradley_terry([])
    with pytest.raises(ValueError, match=r"score of a against b: 0\.7"):
        fit_bradley_terry([Match("x", "a", "b", 0.7)])
