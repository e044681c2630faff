"""Families of measures over sessions: what is found, what is not, and how it reads."""

import random
from collections.abc import Sequence
from math import inf, nan

import pytest

from magnet.evals.comparison.families import Family, compare_family, paired_scores
from magnet.evals.comparison.formats import p_shown, shown, with_interval
from magnet.evals.comparison.grids import attitudes_grid, family_grid
from magnet.evals.preference.pairing import pair_sessions
from magnet.evals.quality.results import Measured
from magnet.evals.scales.measures import Values
from magnet.evals.statistics.bootstrap import Interval
from magnet.evals.statistics.paired import compare_items
from magnet.state import Attitude
from magnet.store.records import Session
from tests.evals.compared import session

ITEMS = {name: (name, "points") for name in ("one", "two", "three", "four", "five", "six")}
SIMULATIONS = 200


def arm(name: str, clients: int, attitudes: Sequence[Attitude] = tuple(Attitude)) -> list[Session]:
    return [session(name, client, attitude) for client in range(clients) for attitude in attitudes]


def family(values: dict[str, Values]) -> Family:
    return Family(metric="ctrs", title="ctrs: items", measures=ITEMS, values=values)


def judged(
    arms: Sequence[Sequence[Session]], generator: random.Random, effect: float
) -> dict[str, Values]:
    """Score sessions with noise that a client's attitudes share; the first arm has the effect."""
    values: dict[str, Values] = {}
    for place, sessions in enumerate(arms):
        leaning: dict[str, float] = {}
        for one in sessions:
            lean = leaning.setdefault(one.client_name, generator.gauss(0, 0.5))
            level = 3 + lean + (effect if place == 0 else 0)
            values[one.id] = {name: level + generator.gauss(0, 0.5) for name in ITEMS}
    return values


def test_a_family_is_compared_over_all_sessions_and_by_attitude() -> None:
    ours, theirs = arm("a", 10), arm("b", 10)
    values = judged((ours, theirs), random.Random(1), 1.5)
    values[ours[0].id]["one"] = None
    del values[theirs[5].id]
    found = compare_family(family(values), {"a": ours, "b": theirs})
    one = found.overall["one"]
    assert (one.means["a"].sessions, one.means["b"].sessions) == (29, 29)
    test = one.against["b"]
    assert (test.pairs, test.missing, test.clients) == (28, 2, 10)
    assert test.difference.low > 0
    assert test.p_permutation < test.p_holm < 0.05
    assert found.by_attitude.keys() == set(Attitude)
    assert found.by_attitude[Attitude.POSITIVE]["two"].against["b"].pairs == 10


def test_sides_of_other_clients_have_means_and_no_test() -> None:
    ours, theirs = arm("a", 2), [session("b", 7), session("b", 8)]
    values = judged((ours, theirs), random.Random(2), 0)
    found = compare_family(family(values), {"a": ours, "b": theirs})
    assert found.overall["one"].means.keys() == {"a", "b"}
    assert found.overall["one"].against == {}
    assert found.by_attitude[Attitude.POSITIVE]["one"].means.keys() == {"a"}
    grid = attitudes_grid(found)
    assert grid.texts()[1][:2] == ["", "b"]
    assert grid.texts()[1][2] == ""


def test_a_table_marks_what_differs_after_holms_adjustment() -> None:
    ours, theirs = arm("a", 10), arm("b", 10)
    found = compare_family(
        family(judged((ours, theirs), random.Random(1), 1.5)), {"a": ours, "b": theirs}
    )
    grid = family_grid(found)
    assert len(grid.rows) == 2 * len(ITEMS)
    assert {len(row) for row in grid.rows} == {len(grid.columns)}
    reference, other = grid.texts()[:2]
    assert (reference[:2], other[:2]) == (["one", "a"], ["", "b"])
    assert set(reference[4:]) == {""}
    assert other[4].startswith("+1.")
    assert other[6].endswith("*")


@pytest.mark.slow
def test_a_planted_difference_is_found_and_none_in_about_5_of_100_runs() -> None:
    """Any item of six counts: the error rate is that of the family, as Holm's adjustment states."""
    arms = ours, theirs = arm("a", 10), arm("b", 10)
    pairs = pair_sessions(ours, theirs).pairs
    clients = [pair.client for pair in pairs]
    generator = random.Random(6)

    def found(effect: float) -> bool:
        scores = paired_scores(family(judged(arms, generator, effect)), pairs)
        tests = compare_items(scores, clients, resamples=2)
        return any(test.p_holm <= 0.05 for test in tests.values())

    assert 1 <= sum(found(0) for _ in range(SIMULATIONS)) <= 20
    assert sum(found(1.5) for _ in range(20)) >= 19


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (shown(0.1234, "share"), "12.3%"),
        (shown(1234.5, "tokens"), "1,234"),
        (shown(-0.5, "points"), "\N{MINUS SIGN}0.50"),
        (shown(0.5, "points", signed=True), "+0.50"),
        (shown(-0.001, "points", signed=True), "0.00"),
        (shown(-inf), "\N{MINUS SIGN}∞"),
        (shown(nan), ""),
        (shown(None), ""),
        (with_interval(Measured(value=2, low=1, high=3, sessions=4)), "2.00 (1.00 to 3.00)"),
        (with_interval(Interval(2, nan, nan), "points"), "2.00"),
        (p_shown(0.0002), "<0.001"),
        (p_shown(0.04712), "0.047"),
    ],
)
def test_numbers_read_as_people_write_them(text: str, expected: str) -> None:
    assert text == expected
