import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.flaws import (
    PUBLISHED,
    PUBLISHED_NEAR_DUPLICATES_BY_TURN,
    PUBLISHED_WORDS,
    FlawTable,
    Share,
    measure_flaws,
)
from state.utterance import Speaker

COUNSELOR, CLIENT = Speaker.COUNSELOR, Speaker.CLIENT
PUBLISHED_SESSIONS = (
    Path(__file__).parents[2].parent / "shared" / "data" / "magnet-released-1-120.zip"
)

GOOD = [
    (COUNSELOR, "What brought this up?"),
    (CLIENT, "My sister called me on Sunday."),
    (COUNSELOR, "That must have been a lot after so long."),
    (CLIENT, "It was. I hung up."),
    (COUNSELOR, "We can go on from there in our next session. Take care."),
    (CLIENT, "Thanks, bye."),
]
STUCK = "I feel like nothing I do will ever be good enough."
BAD = [
    (COUNSELOR, "It sounds like you are tired.What else?"),
    (CLIENT, STUCK),
    (COUNSELOR, "It sounds like you are tired. Psychoeducation can help. (Note: one technique.)"),
    (CLIENT, STUCK + " Ever."),
    (COUNSELOR, "It sounds like you are worn out, is that so?"),
    (CLIENT, STUCK.upper()),
    (COUNSELOR, "And what do you make of that?"),
    (CLIENT, STUCK),
    (COUNSELOR, "Where does it come from?"),
    (CLIENT, "Client:"),
    (COUNSELOR, "How long has it been so?"),
    (CLIENT, "Client:"),
]


def test_a_good_session_has_no_flaws() -> None:
    table = measure_flaws([GOOD])
    none_of_client = Share(count=0, of=3)
    assert table.client_near_duplicates == none_of_client
    assert table.client_exact_repeats == none_of_client
    assert table.empty_client_turns == none_of_client
    assert table.end_runs == Share(count=0, of=1)
    assert table.counselor_questions == Share(count=1, of=3)
    assert table.closing_cues == Share(count=1, of=1)
    assert table.last_counselor_asks == Share(count=0, of=1)
    assert table.technique_named.count == table.glued.count == table.notes.count == 0
    assert table.role_labels == Share(count=0, of=6)


def test_each_flaw_of_a_bad_session_is_counted() -> None:
    table = measure_flaws([BAD, GOOD])
    assert table.sessions == 2
    # The second, third and fourth say the first again; two of them in the same words.
    assert table.client_near_duplicates == Share(count=3, of=9)
    assert table.client_exact_repeats == Share(count=2, of=9)
    # "Ever." and "It was." are too short to be counted as sentences.
    assert table.client_sentences_said_before == Share(count=3, of=5)
    assert table.client_near_duplicates_by_turn[2] == Share(count=1, of=2)
    assert table.client_near_duplicates_by_turn[4] == Share(count=1, of=1)
    assert table.empty_client_turns == Share(count=2, of=9)
    assert table.role_labels == Share(count=2, of=18)
    assert table.commonest_openings["it sounds like"] == Share(count=3, of=9)
    assert table.technique_named == Share(count=1, of=9)
    assert table.glued == Share(count=1, of=18)
    assert table.notes == Share(count=1, of=18)
    assert table.counselor_questions == Share(count=6, of=9)
    assert table.closing_cues == Share(count=1, of=2)
    assert table.last_counselor_asks == Share(count=1, of=2)


def test_a_run_of_three_repetitions_at_the_end_counts_one_session() -> None:
    assert measure_flaws([BAD[:8], BAD[:6]]).end_runs == Share(count=1, of=2)


def test_five_openings_are_formulas_and_the_rest_is_not() -> None:
    starts = ["a b c", "a b c", "d e f", "d e f", "g h i", "j k l", "m n o", "p q r"]
    table = measure_flaws([[(COUNSELOR, start)] for start in starts])
    assert table.formula_openings == Share(count=7, of=8)


def test_lengths_are_counted_in_words() -> None:
    table = measure_flaws([[(CLIENT, "one " * n)] for n in range(1, 102)])
    assert (table.words[CLIENT].p5, table.words[CLIENT].median, table.words[CLIENT].p95) == (
        6,
        51,
        96,
    )
    assert COUNSELOR not in table.words


def test_no_sessions_give_an_empty_table() -> None:
    table = measure_flaws([])
    assert table.client_near_duplicates.share == 0
    assert table.words == {}


def test_a_table_is_read_back_from_json() -> None:
    table = measure_flaws([BAD, GOOD])
    assert FlawTable.model_validate_json(table.model_dump_json()) == table


def test_every_published_row_is_a_share_of_the_table() -> None:
    table = measure_flaws([GOOD])
    for field, row in PUBLISHED.items():
        assert isinstance(getattr(table, field), Share)
        assert row.at_least <= row.at_most
        assert not row.at_least <= row.share <= row.at_most, "a published flaw misses its aim"


@given(st.lists(st.lists(st.tuples(st.sampled_from(Speaker), st.text(max_size=20)), max_size=5)))
def test_any_sessions_give_counts_within_their_bounds(
    sessions: list[list[tuple[Speaker, str]]],
) -> None:
    table = measure_flaws(sessions)
    for field in PUBLISHED:
        share = getattr(table, field)
        assert 0 <= share.count <= share.of


@pytest.mark.slow
@pytest.mark.skipif(
    not PUBLISHED_SESSIONS.exists(), reason="the published sessions are not at hand"
)
def test_the_published_figures_are_found_again_on_a_quarter_of_the_sessions() -> None:
    with zipfile.ZipFile(PUBLISHED_SESSIONS) as archive:
        dialogues = [json.loads(archive.read(name))["dialogue"] for name in archive.namelist()]
    table = measure_flaws(
        [[(Speaker(turn["role"]), turn["message"]) for turn in d[2:]] for d in dialogues]
    )
    for field, row in PUBLISHED.items():
        assert getattr(table, field).share == pytest.approx(row.share, abs=0.025), field
    for turn, share in PUBLISHED_NEAR_DUPLICATES_BY_TURN.items():
        assert table.client_near_duplicates_by_turn[turn].share == pytest.approx(share, abs=0.03)
    for speaker, spread in PUBLISHED_WORDS.items():
        assert table.words[speaker].median == spread.median
        assert table.words[speaker].p5 == pytest.approx(spread.p5, abs=1)
        assert table.words[speaker].p95 == pytest.approx(spread.p95, abs=1)
