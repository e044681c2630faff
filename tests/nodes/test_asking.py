"""Asking a model: the seeds, the journal, the cost, and what happens when an endpoint fails."""

from collections.abc import Iterable
from typing import Any

import openai
import pytest
from langchain_core.exceptions import ContextOverflowError

from magnet.nodes import CHECKS_OFF
from magnet.state import (
    KEPT,
    Call,
    CallKey,
    SessionState,
    Usage,
    derive_seed,
    exchanges_of,
    total_usage,
)
from tests.scripted import (
    CACHED_TOKENS,
    COMPLETION_TOKENS,
    PROMPT_TOKENS,
    Refused,
    ScriptedModels,
    play,
)


class MemoryJournal:
    """A journal that forgets at the end of the test."""

    def __init__(self, calls: Iterable[Call] = ()) -> None:
        self.calls = {call.key: call for call in calls}

    def find(self, key: CallKey) -> Call | None:
        return self.calls.get(key)

    async def record(self, call: Call) -> None:
        assert call.key not in self.calls, "a known call was made again"
        self.calls[call.key] = call


def spoken(state: SessionState) -> list[str]:
    return [utterance.text for utterance in state["utterances"]]


def seeds(models: ScriptedModels) -> list[tuple[str, int]]:
    return sorted((request.agent, request.seed) for request in models.requests)


@pytest.mark.parametrize("method", ["magnet", "psych8k"])
async def test_the_same_seed_gives_the_same_calls(method: str) -> None:
    first, second, other = ScriptedModels(), ScriptedModels(), ScriptedModels()
    for models, seed in ((first, 7), (second, 7), (other, 8)):
        await play(models, method, seed=seed, turn_limit=4)
    assert seeds(first) == seeds(second)
    assert not set(seeds(first)) & set(seeds(other))


async def test_seeds_differ_between_nodes_exchanges_and_attempts() -> None:
    models = ScriptedModels(fusion=[""])
    state = await play(models, "magnet", seed=7, turn_limit=6)
    made = [seed for _, seed in seeds(models)]
    assert len(made) == 1 + 3 * 8 + 1
    assert len(set(made)) == len(made)
    again = [derive_seed(7, 1, "fusion", attempt) for attempt in (0, 1)]
    assert [request.seed for request in models.requests_of("fusion")][:2] == again
    assert state["utterances"][2].provenance is not None
    assert state["utterances"][2].provenance.seed == again[1]


async def test_a_seed_is_that_of_its_place_whatever_the_sessions_id() -> None:
    models = ScriptedModels()
    await play(models, seed=3)
    assert seeds(models) == [
        ("client", derive_seed(3, 1, "client", 0)),
        ("counselor", derive_seed(3, 1, "counselor", 0)),
    ]


async def test_the_usage_of_all_calls_is_summed() -> None:
    models = ScriptedModels(client=["", "  "], planner=["no JSON"])
    state = await play(models, "magnet", turn_limit=4)
    calls, usage = total_usage(state)
    made = len(models.requests)
    assert calls == made == 2 + 2 * 8 + 2
    assert usage == Usage(
        prompt=made * PROMPT_TOKENS,
        cached=made * CACHED_TOKENS,
        completion=made * COMPLETION_TOKENS,
    )
    provenance = state["utterances"][3].provenance
    assert provenance is not None
    assert provenance.calls == 3
    assert provenance.usage.prompt == 3 * PROMPT_TOKENS
    assert provenance.seconds > 0


async def test_a_call_is_recorded_in_full() -> None:
    journal = MemoryJournal()
    models = ScriptedModels(counselor=["", "Counselor: What was that like?"])
    await play(models, journal=journal, seed=5, keep_messages=True)
    failed, kept, client = journal.calls.values()
    assert failed.key == ("s1", 1, "counselor", 0)
    assert kept.key == ("s1", 1, "counselor", 1)
    assert client.key == ("s1", 1, "client", 0)
    assert (failed.outcome, kept.outcome) == ("empty", KEPT)
    assert kept.text == "Counselor: What was that like?", "the raw answer is kept, not the repaired"
    assert (kept.role, kept.model) == ("role of counselor", "model of counselor")
    assert kept.seed == models.requests[1].seed
    assert kept.finish_reason == "stop"
    assert kept.usage == Usage(
        prompt=PROMPT_TOKENS, cached=CACHED_TOKENS, completion=COMPLETION_TOKENS
    )
    assert kept.messages is not None
    told = [message["content"] for message in kept.messages]
    assert told == [message["content"] for message in models.requests[1].messages]


async def test_prompts_are_recorded_on_demand_alone() -> None:
    journal = MemoryJournal()
    await play(ScriptedModels(), journal=journal)
    assert [call.messages for call in journal.calls.values()] == [None, None]


@pytest.mark.parametrize("method", ["magnet", "magnet-c-t", "cactus"])
async def test_a_known_call_is_not_made_again(method: str) -> None:
    journal = MemoryJournal()
    lines: dict[str, Any] = {"client": ["", "I slept."], "planner": ["no JSON"]}
    first, second = ScriptedModels(**lines), ScriptedModels()
    played = await play(first, method, journal=journal, turn_limit=4)
    replayed = await play(second, method, journal=journal, turn_limit=4)
    assert second.requests == []
    assert len(journal.calls) == len(first.requests)
    assert replayed == played


async def test_a_journal_that_broke_off_between_two_attempts_goes_on_with_the_next() -> None:
    whole = MemoryJournal()
    lines = ["", "I slept badly, and the cat woke me."]
    played = await play(ScriptedModels(client=lines), journal=whole)
    *begun, last = whole.calls.values()
    broken = MemoryJournal(begun)
    models = ScriptedModels(client=lines[1:])
    resumed = await play(models, journal=broken)
    assert [(r.agent, r.seed) for r in models.requests] == [("client", last.seed)]
    assert "Say something" in models.requests[0].last
    assert spoken(resumed) == spoken(played)
    assert resumed["utterances"][-1].provenance is not None
    assert resumed["utterances"][-1].provenance.rejected == ("empty",)


async def test_an_endpoint_that_fails_for_a_moment_costs_no_answer() -> None:
    journal = MemoryJournal()
    models = ScriptedModels(questioning=["", Refused(503), "What was it like for you?"])
    state = await play(models, "magnet", journal=journal)
    questioning = models.requests_of("questioning")
    assert len(questioning) == 3
    assert questioning[1].seed == questioning[2].seed
    assert len(models.requests_of("reflection")) == 1
    assert exchanges_of(state)[0].candidates[1].text == "What was it like for you?"
    assert total_usage(state)[0] == len(journal.calls) == len(models.requests) - 1


async def test_an_endpoint_that_refuses_every_request_fails_the_session() -> None:
    models = ScriptedModels(counselor=[Refused(400)] * 99)
    with pytest.raises(openai.BadRequestError):
        await play(models)
    assert len(models.requests) < 9


async def test_an_endpoint_that_stays_away_fails_the_session() -> None:
    models = ScriptedModels(counselor=[Refused(500)] * 9)
    with pytest.raises(openai.InternalServerError):
        await play(models)
    assert len(models.requests) == 3


TOO_LONG = Refused(400, "This model's maximum context length is 8192 tokens.")


async def test_a_dialogue_that_does_not_fit_is_shortened_and_flagged() -> None:
    models = ScriptedModels(client=["I slept.", "The cat woke me.", TOO_LONG, TOO_LONG])
    state = await play(models, turn_limit=6)
    assert len(state["utterances"]) == 8
    whole, shorter, shortest = models.requests_of("client")[2:]
    assert whole.seed == shorter.seed == shortest.seed
    assert len(whole.messages) > len(shorter.messages) >= len(shortest.messages)
    provenance = state["utterances"][7].provenance
    assert provenance is not None
    assert provenance.flags == ("history-shortened",)
    assert provenance.calls == 1
    assert all(not u.provenance.flags for u in state["utterances"][2:7] if u.provenance)


async def test_a_prompt_that_fits_in_no_length_fails_the_session() -> None:
    models = ScriptedModels(counselor=[TOO_LONG] * 99)
    with pytest.raises(ContextOverflowError):
        await play(models)
    assert len(models.requests) == 5


async def test_a_known_call_keeps_the_flag_that_its_prompt_was_shortened() -> None:
    journal = MemoryJournal()
    first, second = ScriptedModels(client=["I slept.", TOO_LONG]), ScriptedModels()
    played = await play(first, journal=journal, turn_limit=4)
    replayed = await play(second, journal=journal, turn_limit=4)
    assert second.requests == []
    assert replayed == played


async def test_without_checks_an_agent_is_asked_once() -> None:
    models = ScriptedModels(counselor=["..."], client=["..."])
    state = await play(models, checks=CHECKS_OFF)
    assert len(models.requests) == 2
    assert spoken(state)[2:] == ["...", "..."]
