"""Which sessions and utterances are trained: splits by client, filters, near-duplicates."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magnet.state import Attitude
from magnet.state.text import near_duplicate
from magnet.store import Session, SessionStatus
from magnet.training.data import Bound, Choice, DataSettings, TrainingDataError, choose_sessions
from magnet.training.data.duplicates import near_duplicates
from magnet.training.data.splits import SPLITS, client_key, split_clients
from tests.training.told import a_client, a_session, clients, imported, said

EIGHT = clients(8)


def choose(
    sessions: list[Session], measures: Mapping[str, Mapping[str, float]] | None = None, **given: Any
) -> Choice:
    return choose_sessions(sessions, DataSettings(**given), measures)


def ids(choice: Choice) -> dict[str, list[str]]:
    return {split: [one.session.id for one in choice.in_split(split)] for split in SPLITS}


# splits


@settings(max_examples=40, deadline=None)
@given(st.integers(3, 40), st.integers(0, 2**32))
def test_no_client_is_in_two_splits_and_none_is_lost(count: int, seed: int) -> None:
    sessions = [a_session(person, exchanges=1) for person in range(count)]
    splits = split_clients(sessions, "shares", seed)
    assert set(splits) == {client_key(session) for session in sessions}
    sizes = [list(splits.values()).count(split) for split in SPLITS]
    assert min(sizes) >= 1
    assert sizes[1] == sizes[2] == max(1, round(count / 10))


def test_all_attitudes_of_a_client_stay_together() -> None:
    for split in SPLITS:
        people = [one.session.client_number for one in choose(EIGHT).in_split(split)]
        assert people
        assert len(people) == len(Attitude) * len(set(people))


def test_the_split_is_drawn_by_the_seed_and_not_by_the_order() -> None:
    drawn = [ids(choose(EIGHT, seed=seed)) for seed in range(5)]
    assert len({str(found) for found in drawn}) > 1
    turned = choose(EIGHT[::-1], seed=3)
    assert {k: set(v) for k, v in ids(turned).items()} == {k: set(v) for k, v in drawn[3].items()}


def test_the_papers_split_is_90_clients_then_10_then_50_and_no_more() -> None:
    numbered = [a_session(person, exchanges=1) for person in range(160, 0, -1)]
    choice = choose(numbered, split="paper")
    found = {
        split: sorted(one.session.client_number or 0 for one in choice.in_split(split))
        for split in SPLITS
    }
    assert found == {
        "train": list(range(1, 91)),
        "valid": list(range(91, 101)),
        "test": list(range(101, 151)),
    }
    assert choice.left_out == {"client in no part of the split paper": 10}


def test_the_papers_split_is_270_and_30_and_150_sessions() -> None:
    splits = split_clients(clients(150), "paper", 0)
    sizes = {split: 3 * list(splits.values()).count(split) for split in SPLITS}
    assert sizes == {"train": 270, "valid": 30, "test": 150}


def test_the_papers_split_needs_numbers_that_agree() -> None:
    nameless = a_session(4, client=a_client(4, number=None))
    with pytest.raises(TrainingDataError, match=r"session s4-neutral: its client has no number"):
        choose([*EIGHT, nameless], split="paper")
    elsewhere = a_session(4, client=a_client(4, number=120), id="other")
    with pytest.raises(TrainingDataError, match=r"session other: .* Person 4 has another number"):
        choose([*EIGHT, elsewhere], split="paper")


def test_too_few_clients_for_a_split_are_counted() -> None:
    with pytest.raises(TrainingDataError, match="of 2 clients; a split needs 3 or more"):
        choose(clients(2))


# filters


def test_bounds_hold_their_ends_and_count_what_they_leave_out() -> None:
    values = {s.id: {"flaw": number / 10} for number, s in enumerate(EIGHT)}
    bound = Bound(measure="flaw", at_least=0.2, at_most=1.9)
    choice = choose(EIGHT, values, filters=(bound,))
    kept = {one.session.id for one in choice.chosen}
    assert kept == {s.id for s in EIGHT[2:20]}
    assert choice.left_out == {"flaw under 0.2": 2, "flaw over 1.9": 4}


def test_a_filter_moves_no_client_to_another_split() -> None:
    values = {s.id: {"flaw": float(number % 2)} for number, s in enumerate(EIGHT)}
    every, some = ids(choose(EIGHT)), ids(choose(EIGHT, values, filters=(no_flaw(),)))
    assert all(set(some[split]) < set(every[split]) for split in SPLITS)


def no_flaw() -> Bound:
    return Bound(measure="flaw", at_most=0.5)


def test_a_session_that_was_not_measured_is_left_out_and_counted() -> None:
    values = {s.id: {"flaw": 0.0} for s in EIGHT[1:]} | {EIGHT[0].id: {"other": 1.0}}
    assert choose(EIGHT, values, filters=(no_flaw(),)).left_out == {"flaw not measured": 1}


def test_a_filter_by_what_was_never_measured_names_the_nearest() -> None:
    values = {EIGHT[0].id: {"client_exact_repeats": 0.0}}
    with pytest.raises(TrainingDataError, match=r"client_exact_repeat: .*client_exact_repeats"):
        choose(EIGHT, values, filters=(Bound(measure="client_exact_repeat", at_most=0),))
    with pytest.raises(TrainingDataError, match="flaw: nothing of this name was measured"):
        choose(EIGHT, filters=(no_flaw(),))


def test_filters_that_leave_nothing_say_what_each_took() -> None:
    values = {s.id: {"flaw": 1.0} for s in EIGHT}
    with pytest.raises(TrainingDataError, match=r"of 24 sessions none .*24: flaw over 0.5"):
        choose(EIGHT, values, filters=(no_flaw(),))


# which sessions


def test_only_finished_sessions_are_trained_and_each_once() -> None:
    failed = replace(EIGHT[0], status=SessionStatus.FAILED)
    choice = choose([failed, *EIGHT[1:], *EIGHT[1:]])
    assert sorted(one.session.id for one in choice.chosen) == sorted(s.id for s in EIGHT[1:])
    assert choice.left_out == {"not finished": 1}
    with pytest.raises(TrainingDataError, match="none of 1 sessions is finished"):
        choose([failed])


def test_imported_sessions_need_a_licence() -> None:
    mixed = [*EIGHT[:-1], imported(EIGHT[-1])]
    with pytest.raises(TrainingDataError, match=r"1 of these sessions were imported.*with licence"):
        choose(mixed)
    assert len(choose(mixed, licence="gpl-2.0").chosen) == len(mixed)


# near-duplicates

SHORT_TEXTS = st.lists(st.lists(st.sampled_from("abcdef"), max_size=9).map(" ".join), max_size=25)


@settings(deadline=None)
@given(SHORT_TEXTS)
def test_near_duplicates_are_those_that_comparing_all_pairs_finds(texts: list[str]) -> None:
    kept: list[str] = []
    expected: list[bool] = []
    for text in texts:
        expected.append(any(near_duplicate(text, other) for other in kept))
        if not expected[-1]:
            kept.append(text)
    assert near_duplicates(texts) == expected


def test_the_strategy_makes_near_duplicates_and_others() -> None:
    assert near_duplicates(["a b c d e", "a b c d e f", "f e d c b a", ""]) == [
        False,
        True,
        False,
        False,
    ]


def with_text(session: Session, index: int, text: str) -> Session:
    said = session.utterances[index].model_copy(update={"text": text})
    utterances = (*session.utterances[:index], said, *session.utterances[index + 1 :])
    return replace(session, utterances=utterances)


def test_what_was_trained_on_is_not_held_out() -> None:
    plain = choose(EIGHT)
    held, trained = plain.in_split("test")[0].session, plain.in_split("train")[-1].session
    again = with_text(held, 4, trained.utterances[2].text + " indeed")
    # The held-out session is the first of all; training comes first nevertheless.
    choice = choose([again, *(s for s in EIGHT if s.id != held.id)])
    by_id = {one.session.id: one.trained for one in choice.chosen}
    assert by_id[held.id] == (2, 6)
    assert by_id[trained.id] == (2, 4, 6)
    assert choice.untrained == {"close to an earlier utterance": 1}


def test_a_counselor_that_repeats_itself_is_trained_once() -> None:
    repeating = a_session(1, counselor={6: said(1, Attitude.NEUTRAL, 2)})
    choice = choose([repeating, *clients(4)[3:]])
    assert {one.session.id: one.trained for one in choice.chosen}[repeating.id] == (2, 4)


def test_a_turn_without_words_is_not_trained() -> None:
    silent = a_session(1, counselor={4: "..."})
    for keep in (False, True):
        choice = choose([silent, *clients(4)[3:]], keep_duplicates=keep)
        assert {one.session.id: one.trained for one in choice.chosen}[silent.id] == (2, 6)
        assert choice.untrained == {"without a word": 1}


def test_a_session_near_another_is_left_out_unless_duplicates_stay() -> None:
    copy = replace(with_text(EIGHT[0], 6, "Something else entirely."), id="copy")
    choice = choose([*EIGHT, copy])
    assert "copy" not in {one.session.id for one in choice.chosen}
    assert choice.left_out == {"close to an earlier session": 1}
    kept = choose([*EIGHT, copy], keep_duplicates=True)
    assert {one.session.id: one.trained for one in kept.chosen}["copy"] == (2, 4, 6)
    assert kept.left_out == {}


def test_a_session_of_which_nothing_is_new_is_left_out() -> None:
    first, second, third = EIGHT[0], EIGHT[1], EIGHT[2]
    # Every utterance is known from one of two sessions, and neither is the whole.
    mixed = a_session(
        1,
        counselor={
            2: first.utterances[2].text,
            4: second.utterances[4].text,
            6: third.utterances[6].text,
        },
        id="mixed",
    )
    choice = choose([*EIGHT, mixed])
    assert choice.left_out == {"no utterance left to train on": 1}


def test_training_comes_first_then_validation_then_test() -> None:
    order = [SPLITS.index(one.split) for one in choose(EIGHT).chosen]
    assert all(earlier <= later for earlier, later in pairwise(order))
