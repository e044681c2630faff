import json
from math import isfinite

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magnet.evals.quality import (
    FAMILIES,
    MEASURES,
    MeasureResult,
    Quality,
    measure_quality,
    measure_values,
)
from magnet.state import Attitude
from magnet.state.utterance import Speaker
from magnet.store.records import Session
from tests.evals.spoken import a_person, spoken

GOOD = (
    "What brought this up?",
    "My sister called me on Sunday.",
    "That must have been a lot after so long.",
    "It was. I hung up.",
    "We can go on from there in our next session. Take care.",
    "Thanks, bye.",
)
STUCK = "I feel like nothing I do will ever be good enough."
BAD = (
    "It sounds like you are tired.What else?",
    STUCK,
    "It sounds like you are tired. Psychoeducation can help. (Note: one technique.)",
    STUCK + " Ever.",
    "It sounds like you are worn out, is that so?",
    STUCK.upper(),
    "And what do you make of that?",
    STUCK,
    "Where does it come from?",
    "Client:",
    "How long has it been so?",
    "Client:",
)


def result_of(name: str, sessions: list[Session]) -> MeasureResult:
    return measure_quality(sessions, [MEASURES[name]]).measures[name]


def test_a_good_session_has_no_flaws() -> None:
    values = measure_values([spoken(*GOOD)])
    for name in (
        "client_near_duplicates",
        "client_exact_repeats",
        "client_sentences_said_before",
        "end_runs",
        "empty_client_turns",
        "technique_named",
        "glued",
        "notes",
        "role_labels",
        "last_counselor_asks",
    ):
        assert values[name] == 0, name
    assert values["closing_cues"] == 1
    assert values["counselor_questions"] == 1 / 3


def test_each_flaw_of_a_bad_session_is_counted() -> None:
    values = measure_values([spoken(*BAD), spoken(*GOOD)])
    # The second, third and fourth say the first again; two of them in the same words.
    assert values["client_near_duplicates"] == 3 / 9
    assert values["client_exact_repeats"] == 2 / 9
    # "Ever." and "It was." are too short to be counted as sentences.
    assert values["client_sentences_said_before"] == 3 / 5
    assert values["empty_client_turns"] == 2 / 9
    assert values["role_labels"] == 2 / 18
    assert values["commonest_opening"] == 3 / 9
    assert values["technique_named"] == 1 / 9
    assert values["glued"] == 1 / 18
    assert values["notes"] == 1 / 18
    assert values["counselor_questions"] == 6 / 9
    assert values["closing_cues"] == 1 / 2
    assert values["last_counselor_asks"] == 1 / 2


def test_the_opening_pair_is_not_measured() -> None:
    # Both say what was said in the opening pair, and nothing else is there to be repeated.
    values = measure_values([spoken("Welcome.", "I burn the bread.")])
    assert values["client_near_duplicates"] == values["client_exact_repeats"] == 0
    assert values["client_words"] == 4
    assert "client_near_duplicates" not in measure_values([spoken()])


def test_a_run_of_three_repetitions_at_the_end_counts_one_session() -> None:
    assert measure_values([spoken(*BAD[:8]), spoken(*BAD[:6])])["end_runs"] == 1 / 2


def test_five_openings_are_formulas_and_the_rest_is_not() -> None:
    starts = ["a b c", "a b c", "d e f", "d e f", "g h i", "j k l", "m n o", "p q r", ""]
    result = result_of("formula_openings", [spoken(start) for start in starts])
    assert result.overall is not None
    assert result.overall.value == pytest.approx(7 / 9)
    assert list(result.names.items())[:2] == [("a b c", 2 / 9), ("d e f", 2 / 9)]
    assert len(result.names) == 5


def test_lengths_are_counted_in_words() -> None:
    values = measure_values([spoken("one " * n) for n in range(1, 102)])
    kinds = ("counselor_words_p5", "counselor_words", "counselor_words_p95")
    assert [values[kind] for kind in kinds] == [6, 51, 96]
    assert "client_words" not in values


def test_talk_is_counted_in_words_of_both() -> None:
    assert measure_values([spoken("one two three", "four")])["client_talk"] == 1 / 4
    assert "client_talk" not in measure_values([spoken("...", "...")])


def test_values_are_broken_down_by_role_attitude_and_exchange() -> None:
    positive = spoken(*GOOD, client=a_person("Ida Brandt", Attitude.POSITIVE))
    negative = spoken(*BAD, client=a_person("Ole Falk", Attitude.NEGATIVE))
    result = result_of("client_near_duplicates", [positive, negative])
    assert {who: m.value for who, m in result.by_role.items()} == {
        Speaker.COUNSELOR: 0,
        Speaker.CLIENT: 3 / 9,
    }
    assert {attitude: m.value for attitude, m in result.by_attitude.items()} == {
        Attitude.POSITIVE: 0,
        Attitude.NEGATIVE: 3 / 6,
    }
    assert [m.value for m in result.by_exchange.values()] == [0, 1 / 2, 1 / 2, 1, 0, 0]
    assert [m.sessions for m in result.by_exchange.values()] == [2, 2, 2, 1, 1, 1]


def test_intervals_are_over_clients_and_hold_the_value() -> None:
    one = [spoken(*GOOD, client=a_person(attitude=attitude)) for attitude in Attitude]
    other = spoken(*BAD, client=a_person("Ole Falk"))
    alone = result_of("counselor_questions", one).overall
    together = result_of("counselor_questions", [*one, other]).overall
    assert alone is not None
    assert together is not None
    assert together.sessions == 4
    assert (alone.low, alone.high) == (None, None), "three sessions of one client are one client"
    # Of two clients, a resample holds one or the other alone, or both.
    assert (together.low, together.high) == (pytest.approx(1 / 3), pytest.approx(5 / 6))
    assert together.value == pytest.approx(8 / 15)


def test_no_sessions_have_no_measures() -> None:
    assert measure_values([]) == {}
    quality = measure_quality([])
    assert (quality.sessions, quality.clients) == (0, 0)
    assert all(result.overall is None for result in quality.measures.values())


def test_a_table_is_read_back_from_json() -> None:
    sessions = [spoken(*GOOD), spoken(*BAD, client=a_person("Ole Falk"))]
    some = [MEASURES[name] for name in ("client_words", "formula_openings", "plan_cut_off")]
    quality = measure_quality(sessions, some)
    assert (quality.sessions, quality.clients) == (2, 2)
    text = json.dumps(quality.model_dump(mode="json", exclude_defaults=True))
    assert Quality.model_validate_json(text) == quality


def test_every_published_figure_misses_its_aim() -> None:
    assert len(MEASURES) == sum(map(len, FAMILIES.values())), "two measures have one name"
    judged = [m for m in MEASURES.values() if m.published is not None]
    assert len(judged) > 20
    for measure in judged:
        assert measure.meets_aim(measure.published or 0) in (None, False), measure.name


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.text(max_size=20), max_size=6), max_size=4))
def test_any_sessions_give_shares_within_their_bounds(sessions: list[list[str]]) -> None:
    for name, value in measure_values([spoken(*texts) for texts in sessions]).items():
        assert isfinite(value), name
        assert MEASURES[name].unit not in ("share", "index") or 0 <= value <= 1, name
