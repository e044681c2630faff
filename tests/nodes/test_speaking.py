"""Utterances: what is asked again, what is kept, and how a client ends a session."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from magnet.nodes import CHECKS_OFF, Checks
from magnet.nodes.checking import HINTS
from magnet.nodes.nothing_said import NothingSaidError
from magnet.state import END_MARK, EndReason, Provenance, SessionState, Utterance, exchanges_of
from tests.scripted import Ended, Said, ScriptedModels, make_client, play

OPENING = make_client().opening.client
NEAR = "I lie awake at night, often."
NEARER = "I lie awake at night."
NEW = "My sister called about the bread."
TOO_LONG = " ".join(f"word{n}" for n in range(221))


def last(state: SessionState) -> tuple[Utterance, Provenance]:
    utterance = state["utterances"][-1]
    assert utterance.provenance is not None
    return utterance, utterance.provenance


async def said(*lines: Said, **settings: Any) -> tuple[ScriptedModels, SessionState]:
    models = ScriptedModels(client=lines)
    return models, await play(models, **settings)


async def test_a_near_duplicate_is_asked_again_with_a_new_seed_and_a_hint() -> None:
    models, state = await said(NEAR, NEW)
    first, second = models.requests_of("client")
    assert first.seed != second.seed
    assert HINTS["near-duplicate"] not in first.last
    assert second.last == f"{first.last}\n\n{HINTS['near-duplicate']}"
    assert second.messages[:-1] == first.messages[:-1]
    utterance, provenance = last(state)
    assert utterance.text == NEW
    assert provenance.seed == second.seed
    assert provenance.calls == 2
    assert provenance.rejected == ("near-duplicate",)
    assert provenance.flags == ()


async def test_it_is_asked_again_three_times_and_the_least_bad_is_kept_and_flagged() -> None:
    models, state = await said("", TOO_LONG, NEAR, NEARER, NEW)
    requests = models.requests_of("client")
    assert len(requests) == 4
    utterance, provenance = last(state)
    assert utterance.text == TOO_LONG
    assert provenance.seed == requests[1].seed
    assert provenance.calls == 4
    assert provenance.flags == ("too-long",)
    assert provenance.rejected == ("empty", "near-duplicate", "near-duplicate,repeated-sentence")


@pytest.mark.parametrize("times", [0, 1, 2])
async def test_it_is_asked_again_as_often_as_the_checks_say(times: int) -> None:
    models = ScriptedModels(client=["..."] * 9)
    state = await play(models, checks=Checks(ask_again=times))
    assert len(models.requests_of("client")) == times + 1
    assert last(state)[1].flags == ("empty",)


async def test_each_hint_is_that_of_the_last_answer() -> None:
    models, _ = await said("", NEAR, "I\u2019m an AI and have no nights.", NEW)
    hints = [request.last.rpartition("\n\n")[2] for request in models.requests_of("client")]
    assert hints[1:] == [HINTS[name] for name in ("empty", "near-duplicate", "assistant-voice")]


async def test_all_that_is_wrong_with_an_answer_is_in_its_hint() -> None:
    models, _ = await said(f"{NEARER} {NEARER}", NEW)
    hinted = models.requests_of("client")[1].last
    assert hinted.endswith(f"{HINTS['near-duplicate']} {HINTS['repeated-sentence']}")


@pytest.mark.parametrize(
    "empty",
    [
        *("", "   ", "Client:", "...", END_MARK, "(She sighs.)"),
        *(Ended(None), Ended(None, "stop"), Ended(None, "content_filter")),
    ],
)
async def test_an_empty_answer_is_asked_again(empty: Said) -> None:
    models, state = await said(empty, NEW)
    assert HINTS["empty"] in models.requests_of("client")[1].last
    assert last(state)[0].text == NEW
    assert last(state)[1].rejected[0].split(",")[0] == "empty"


async def test_a_session_of_answers_without_words_goes_on_to_its_limit() -> None:
    models = ScriptedModels(client=["..."] * 99, counselor=["..."] * 99)
    state = await play(models, turn_limit=4)
    assert state["end"] is EndReason.TURN_LIMIT
    assert len(models.requests) == 4 * 4
    flags = [u.provenance.flags for u in state["utterances"] if u.provenance]
    assert flags == [("empty",)] * 4


NOTHING: Mapping[str, tuple[Said, str]] = {
    "empty": ("", "its answers are empty"),
    "null": (Ended(None, "stop"), "its answers are empty"),
    "limit": (Ended(None), r"no room for an answer.*max_tokens"),
    "thinking": ("<think>Hm.</think>", r"thought and did not answer.*extra_body"),
    "cut": (Ended("<think>Hm, shall I"), r"inside its thinking.*max_tokens"),
    "filter": (Ended(None, "content_filter"), "filter withheld the answer"),
}


@pytest.mark.parametrize(("answer", "reason"), NOTHING.values(), ids=NOTHING.keys())
async def test_a_model_that_says_nothing_ends_the_session_with_the_reason(
    answer: Said, reason: str
) -> None:
    models = ScriptedModels(client=[answer] * 4)
    with pytest.raises(NothingSaidError, match=f"client of exchange 1: .* 4 answers: .*{reason}"):
        await play(models)
    assert len(models.requests_of("client")) == 4


async def test_a_decision_without_an_answer_ends_the_session_too() -> None:
    models = ScriptedModels(planner=[""] * 4)
    with pytest.raises(NothingSaidError, match="planner of exchange 1"):
        await play(models, method="cactus")


async def test_thinking_is_logged_and_not_spoken() -> None:
    _, state = await said("<think>What would she say?</think>My sister called about the bread.")
    utterance, provenance = last(state)
    assert utterance.text == "My sister called about the bread."
    assert (provenance.calls, provenance.flags) == (1, ())


async def test_an_answer_is_repaired_and_the_repairs_are_kept() -> None:
    _, state = await said('Client: "My sister called (pauses) about the bread.It was stale."')
    utterance, provenance = last(state)
    assert utterance.text == "My sister called about the bread. It was stale."
    assert {"role-label", "surrounding-quotes", "stage-note", "glued"} == set(provenance.repairs)
    assert (provenance.calls, provenance.flags, provenance.rejected) == (1, (), ())


async def test_an_answer_that_was_cut_off_ends_with_its_last_whole_sentence() -> None:
    _, state = await said(Ended(f"{NEW} And then she told me that she had"))
    utterance, provenance = last(state)
    assert utterance.text == NEW
    assert provenance.repairs == ("cut-off",)


async def test_the_clients_names_are_labels() -> None:
    _, state = await said(f"Ana: {NEW}", f"Ana Petrova: {NEW}")
    assert last(state)[0].text == NEW


@pytest.mark.parametrize("agent", ["counselor", "fusion", "reflection", "psycho-education"])
async def test_every_speaking_agent_of_the_counselor_is_checked(agent: str) -> None:
    line = "I have been struggling with my sleep, and my boss told me that I look tired."
    models = ScriptedModels(**{agent: [line, "What would your sister say?"]})
    state = await play(models, "psych8k" if agent == "counselor" else "magnet")
    assert HINTS["other-role"] in models.requests_of(agent)[1].last
    (exchange,) = exchanges_of(state)
    drafts = {c.technique: c.text for c in exchange.candidates}
    assert exchange.counselor is not None
    assert drafts.get(agent, exchange.counselor.text) == "What would your sister say?"


async def test_a_draft_may_be_like_another_draft_but_not_like_what_was_said() -> None:
    same = "That is a lot of bread to carry."
    models = ScriptedModels(
        reflection=[same, same, "You had to be quick."], questioning=[same], fusion=[same]
    )
    await play(models, "magnet", turn_limit=4)
    asked = models.requests_of("reflection")
    assert len(asked) == 3
    assert HINTS["near-duplicate"] in asked[2].last
    assert len(models.requests_of("questioning")) == 2


GOODBYE = f"It is lighter now, goodbye. {END_MARK}"
WITHOUT_MARK = "It is lighter now, goodbye."


async def test_an_early_end_is_asked_again() -> None:
    models, state = await said(GOODBYE, NEW, turn_limit=4, min_turns=4)
    first, second = models.requests_of("client")[:2]
    assert first.seed != second.seed
    assert "not over yet" in second.last
    utterance = state["utterances"][3]
    assert utterance.text == NEW
    assert utterance.provenance is not None
    assert utterance.provenance.rejected == ("early-end",)
    assert state["end"] is EndReason.TURN_LIMIT
    assert len(state["utterances"]) == 6


async def test_a_client_that_insists_on_an_early_end_stays_and_is_flagged() -> None:
    models, state = await said(*[GOODBYE] * 4, turn_limit=4, min_turns=4)
    assert len(models.requests_of("client")) == 5
    utterance = state["utterances"][3]
    assert utterance.text == WITHOUT_MARK
    assert utterance.provenance is not None
    assert utterance.provenance.flags == ("early-end",)
    assert state["end"] is EndReason.TURN_LIMIT
    assert len(state["utterances"]) == 6


@pytest.mark.parametrize(("min_turns", "ended_at"), [(0, 2), (2, 2), (3, 4), (4, 4)])
async def test_a_client_may_end_a_session_from_its_least_length_on(
    min_turns: int, ended_at: int
) -> None:
    lines: Sequence[Said] = [GOODBYE, NEW] if ended_at == 4 else [GOODBYE]
    _, state = await said(*lines, GOODBYE, turn_limit=8, min_turns=min_turns)
    utterance, provenance = last(state)
    assert utterance.turn == ended_at
    assert utterance.text == WITHOUT_MARK
    assert provenance.flags == ()
    assert state["end"] is EndReason.CLIENT


async def test_an_end_at_the_turn_limit_is_the_clients() -> None:
    _, state = await said(GOODBYE, turn_limit=2, min_turns=2)
    assert state["end"] is EndReason.CLIENT


async def test_the_counselor_cannot_end_a_session() -> None:
    models = ScriptedModels(counselor=[f"Let us stop there. {END_MARK}"])
    state = await play(models, turn_limit=4)
    assert state["utterances"][2].text == "Let us stop there."
    assert state["end"] is EndReason.TURN_LIMIT
    assert len(models.requests) == 4


RAW = 'Client: "It was stale.Then I left." (Note: kept short.)'


async def test_without_checks_the_raw_text_is_kept() -> None:
    models = ScriptedModels(client=[RAW])
    state = await play(models, checks=CHECKS_OFF)
    utterance, provenance = last(state)
    assert utterance.text == RAW
    assert provenance.repairs == ()
    assert provenance.calls == len(models.requests_of("client")) == 1
    assert {"role-label", "note", "glued"} <= set(provenance.flags)


async def test_without_checks_a_client_still_ends_the_session_but_not_early() -> None:
    models = ScriptedModels(client=[GOODBYE, GOODBYE])
    state = await play(models, checks=CHECKS_OFF, turn_limit=8, min_turns=3)
    assert [u.text for u in state["utterances"][3::2]] == [WITHOUT_MARK, WITHOUT_MARK]
    assert state["end"] is EndReason.CLIENT
    assert len(models.requests) == 4
