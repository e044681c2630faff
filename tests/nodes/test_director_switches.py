"""Played sessions: what each part does, that it does nothing when it is off, and how all ends."""

from typing import Any

import pytest

from magnet.state import (
    Attitude,
    CbtTechnique,
    Direction,
    DirectorParts,
    EndReason,
    Farewell,
    LeaveReason,
    PlanRecord,
    SessionState,
    Speaker,
    exchanges_of,
)
from magnet.state.director import dealt_techniques
from magnet.state.languages import load_language
from magnet.state.text import ends_with_question, words
from tests.scripted import CHOICE, PLAN, Request, ScriptedModels, make_client, play

PARTS = list(DirectorParts.model_fields)
ALL_OFF = DirectorParts(**dict.fromkeys(PARTS, False))
FIELDS_OF = {
    "phases": {"phase", "progress"},
    "inner_life": {"manner"},
    "novelty": {"novelty"},
    "affect_guard": {"mood_falls"},
    "closing": {"ending"},
    "risk": {"risk"},
}
PLACES = ("first", "second", "third")


def deliberation(seed: int = 0) -> dict[str, Any]:
    """Return an answer that names the first technique of each list and settles on the third."""
    candidates = {
        place: {"technique": techniques[0], "reason": f"It speaks to the {place} of the worries"}
        for place, techniques in zip(PLACES, dealt_techniques(seed), strict=True)
    }
    return {**candidates, "best": "third", "steps": PLAN["steps"]}


SINKING = {"mood": "worse", "tension": "tenser", "trust": "less"}


def only(part: str) -> DirectorParts:
    return ALL_OFF.model_copy(update={part: True})


def without(part: str) -> DirectorParts:
    return DirectorParts().model_copy(update={part: False})


async def played(
    parts: DirectorParts, *, turn_limit: int = 12, seed: int = 0, **lines: Any
) -> tuple[SessionState, ScriptedModels]:
    models = ScriptedModels(**({"planner": [deliberation(seed)]} | lines))
    state = await play(
        models, "magnet-plus", director=parts, turn_limit=turn_limit, min_turns=99, seed=seed
    )
    return state, models


def plan_of(state: SessionState) -> PlanRecord:
    assert "plan" in state
    return state["plan"]


def directions(state: SessionState) -> list[Direction]:
    return state.get("directions", [])


def asked(models: ScriptedModels, agent: str) -> list[str]:
    return [_told(request) for request in models.requests_of(agent)]


def _told(request: Request) -> str:
    return "\n".join(message["content"] for message in request.messages)


@pytest.mark.parametrize("part", PARTS)
async def test_a_part_that_is_off_is_absent_and_the_others_are_not(part: str) -> None:
    state, models = await played(without(part))
    for direction in directions(state):
        told = {name for name, value in direction if value is not None}
        assert not told & FIELDS_OF[part]
    others = set[str]().union(*(FIELDS_OF[other] for other in PARTS if other != part))
    told = {name for d in directions(state) for name, value in d if value is not None}
    assert told == others | {"exchange"}
    assert ("director" in models.agents) == (part != "risk")


@pytest.mark.parametrize("part", PARTS)
async def test_a_part_does_the_same_with_the_others_off(part: str) -> None:
    """What is drawn for one part is not shifted by another."""
    alone, _ = await played(only(part))
    for direction in directions(alone):
        told = {name for name, value in direction if value is not None} - {"exchange"}
        assert told <= FIELDS_OF[part]


async def test_with_all_parts_off_agents_are_told_nothing_and_no_call_is_added() -> None:
    state, models = await played(ALL_OFF, planner=[PLAN])
    assert models.agents.isdisjoint({"director", "feelings"})
    assert all(d == Direction(exchange=d.exchange) for d in directions(state))
    assert "affects" not in state or state["affects"] == []
    made = state["utterances"][2:]
    assert all(u.provenance and u.provenance.repairs == () for u in made)
    for told in asked(models, "fusion"):
        assert told.rstrip().endswith("in your own words.")
        _, instruction = told.split("The client says:")[1].split("\n\n")
        assert "Answer the client with the chosen drafts" in instruction
    assert all("in one to three sentences" in told for told in asked(models, "client"))
    assert all("[/END]" in told for told in asked(models, "client"))


async def test_a_method_without_a_director_has_no_word_of_it_in_its_record() -> None:
    state = await play(ScriptedModels(), "magnet")
    assert not {"directions", "affects"} & {name for name, value in state.items() if value}
    for exchange in exchanges_of(state):
        assert not {"direction", "affect"} & exchange.model_dump().keys()
    assert "director" not in state["settings"].model_dump()
    assert "candidates" not in plan_of(state).model_dump()


async def test_the_planner_weighs_three_techniques_and_takes_one() -> None:
    state, models = await played(DirectorParts())
    record = plan_of(state)
    assert record.provenance.flags == ()
    assert record.plan.technique is dealt_techniques(0)[2][0]
    assert record.plan.reason == "It speaks to the third of the worries."
    assert [c.technique for c in record.candidates] == [one[0] for one in dealt_techniques(0)]
    [told] = asked(models, "planner")
    assert all(f"- {technique}: " in told for technique in CbtTechnique)
    assert "Then write 3 steps" in told
    schema = models.requests_of("planner")[0].body["response_format"]["json_schema"]["schema"]
    assert schema["properties"]["steps"]["minItems"] == 3
    assert schema["properties"]["steps"]["maxItems"] == 3
    offered = [one["properties"]["technique"]["enum"] for one in schema["$defs"].values()]
    assert sorted(offered) == sorted(list(one) for one in dealt_techniques(0))
    assert {name for one in offered for name in one} == set(CbtTechnique)


async def test_techniques_are_offered_in_an_order_of_the_sessions_own() -> None:
    orders: set[tuple[int, ...]] = set()
    for seed in (0, 0, 1, 2):
        _, models = await played(DirectorParts(), turn_limit=2, seed=seed)
        [told] = asked(models, "planner")
        orders.add(tuple(told.index(f"- {technique}: ") for technique in CbtTechnique))
    assert len(orders) == 3


@pytest.mark.parametrize("odd", ["no JSON", "{}", "Reality Testing, I think"])
async def test_an_unreadable_deliberation_loses_no_session(odd: str) -> None:
    state, _ = await played(DirectorParts(), turn_limit=2, planner=[odd] * 9)
    record = plan_of(state)
    assert record.provenance.flags == ("unreadable",)
    assert len(record.plan.steps) >= 3


async def test_selector_and_fusion_are_told_phase_and_step() -> None:
    state, models = await played(only("phases"))
    for agent in ("selector", "fusion"):
        told = asked(models, agent)
        for direction, text in zip(directions(state), told, strict=True):
            assert direction.progress
            assert PLAN["steps"][direction.progress.step - 1] in text
        assert "only just begun" in told[0]
        assert "about to end" in told[-1]


async def test_a_sinking_mood_is_told_to_the_selector_and_solutions_are_asked_again() -> None:
    solutions = {"reason": "Time to act.", "techniques": ["solutions"]}
    state, models = await played(
        only("affect_guard"),
        feelings=[SINKING] * 9,
        selector=[solutions, solutions, solutions, CHOICE],
    )
    falls = [direction.mood_falls for direction in directions(state)]
    assert falls == [False, False, True, True, True, True]
    choices = state.get("selections", [])
    assert [one.provenance.calls for one in choices[:3]] == [1, 1, 2]
    told = asked(models, "selector")
    assert "has been sinking" not in told[1]
    assert "has been sinking" in told[2]


@pytest.mark.parametrize("odd", ["no JSON", '{"mood": "great"}'])
async def test_unreadable_feelings_follow_the_intention_and_are_flagged(odd: str) -> None:
    state, _ = await played(only("inner_life"), feelings=[odd] * 99, turn_limit=4)
    first, second = state.get("affects", [])
    assert first.provenance is None
    assert second.provenance and second.provenance.flags == ("unreadable",)


async def test_the_client_is_told_its_mood_intention_and_length_and_held_to_it() -> None:
    long = [f"Line{n}a is here. " * 4 + f"Word{n} " * 60 + "end. More of it." for n in range(99)]
    state, models = await played(only("inner_life"), client=long)
    for direction, told in zip(directions(state), asked(models, "client"), strict=False):
        assert direction.manner
        assert "This time, " in told
        assert "and you sound " in told
    for exchange in exchanges_of(state):
        assert exchange.client and exchange.client.provenance
        assert exchange.direction and exchange.direction.manner
        limit = exchange.direction.manner.words
        if limit < 12:
            assert len(words(exchange.client.text)) <= limit + 10
            assert "length" in exchange.client.provenance.repairs


async def test_questions_and_formulas_are_repaired() -> None:
    lines = [
        f"It sounds like you tired{n} day{n} out{n} rather{n} badly{n}. So what{n} now{n}?"
        for n in range(99)
    ]
    state, models = await played(only("novelty"), turn_limit=20, fusion=lines)
    said = [u for u in state["utterances"] if u.speaker is Speaker.COUNSELOR and u.provenance]
    assert not any(u.text.startswith("It sounds") for u in said)
    assert all(u.provenance and "opening" in u.provenance.repairs for u in said)
    asks = [ends_with_question(u.text) for u in said]
    assert asks == [d.novelty.asks for d in directions(state) if d.novelty]
    assert 0 < sum(asks) <= 6
    assert len(models.requests_of("fusion")) == len(said)


async def test_a_missing_question_is_taken_from_the_drafts_or_asked_for() -> None:
    drafted = [f"Hill{n} it{n} is. What{n} stays{n} on{n} your{n} mind{n}?" for n in range(99)]
    state, models = await played(only("novelty"), turn_limit=20, questioning=drafted)
    for exchange in exchanges_of(state):
        assert exchange.counselor and exchange.counselor.provenance
        asks = exchange.direction and exchange.direction.novelty and exchange.direction.novelty.asks
        assert ends_with_question(exchange.counselor.text) is asks
        if asks:
            assert exchange.counselor.provenance.repairs == ("question",)
            [question] = [d.text for d in exchange.candidates if ends_with_question(d.text)]
            assert exchange.counselor.text.endswith(question.partition(". ")[2])
    assert len(models.requests_of("fusion")) == 10

    _, models = await played(only("novelty"), turn_limit=8)
    assert "End with one open question." in "".join(asked(models, "fusion"))


async def test_a_question_that_was_asked_is_not_taken_again() -> None:
    same = ["What stays on your mind at night?"] * 99
    state, _ = await played(only("novelty"), turn_limit=20, questioning=same)
    said = [u.text for u in state["utterances"] if u.speaker is Speaker.COUNSELOR]
    assert sum(text.endswith(same[0]) for text in said) == 1


async def test_a_counselor_that_says_next_to_nothing_is_asked_again() -> None:
    lines = ["Yes, please.", "Tell me how the evening at the harbour went on for you."]
    state, _ = await played(only("novelty"), turn_limit=2, fusion=lines, questioning=["And?"])
    said = state["utterances"][2]
    assert said.text.startswith(lines[1])
    assert said.provenance and "too-little" in said.provenance.rejected[0]


async def test_a_client_that_tells_nothing_new_is_asked_again() -> None:
    lines = ["I'm nervous.", "I am nervous.", "Nervous.", "Yes.", "So nervous, at the dentist's."]
    state, models = await played(only("novelty"), turn_limit=6, client=lines)
    said = [u for u in state["utterances"] if u.speaker is Speaker.CLIENT and u.provenance]
    assert [u.text for u in said] == [lines[0], lines[3], lines[4]]
    assert said[1].provenance and said[1].provenance.rejected == ("nothing-new", "nothing-new")
    assert "Tell something that has not come up yet." in asked(models, "client")[2]


async def test_an_opening_that_came_is_barred_and_asked_again() -> None:
    lines = ["Yellow birds sing today.", "Yellow birds sing at noon.", "Noon came and went."]
    state, models = await played(only("novelty"), turn_limit=4, fusion=lines)
    second = state["utterances"][4]
    assert second.text == lines[2]
    assert second.provenance and second.provenance.rejected == ("opening",)
    assert '"yellow birds sing"' in asked(models, "fusion")[1]
    assert "birds" in asked(models, "fusion")[1]


@pytest.mark.parametrize("turn_limit", [2, 4, 8, 12])
async def test_a_session_is_played_to_its_closing(turn_limit: int) -> None:
    state, _ = await played(DirectorParts(), turn_limit=turn_limit)
    assert state.get("end") is EndReason.TURN_LIMIT
    last = state["utterances"][-2]
    assert load_language().speech.closing_cue.search(last.text)
    assert not ends_with_question(last.text)
    ends = [d.ending.farewell for d in directions(state) if d.ending]
    assert ends == [Farewell.SUMMARY, Farewell.GOODBYE][-2 if turn_limit >= 8 else -1 :]


async def test_a_client_may_leave_and_the_record_says_why() -> None:
    for seed in range(40):
        models = ScriptedModels(planner=[deliberation(seed)], feelings=[SINKING] * 99)
        client = make_client().model_copy(update={"attitude": Attitude.NEGATIVE})
        state = await play(
            models, "magnet-plus", client=client, director=DirectorParts(), turn_limit=40, seed=seed
        )
        leaving = {d.ending.leaving for d in directions(state) if d.ending}
        if LeaveReason.FED_UP in leaving:
            break
    assert state.get("end") is EndReason.CLIENT
    *_, announced, last = directions(state)
    assert announced.ending and last.ending
    assert announced.ending.farewell is Farewell.ANNOUNCED
    assert last.ending.farewell is Farewell.GOODBYE
    assert announced.ending.leaving == last.ending.leaving == LeaveReason.FED_UP
    assert len(state["utterances"]) < 42
    assert load_language().speech.closing_cue.search(state["utterances"][-2].text)
    told = [text for text in asked(models, "client") if "want to stop, and why" in text]
    assert told


REPEATS = "I lie awake at night and I count the hours until it is light."
OUT_OF_IT = "My sister called about the bread on Sunday."


@pytest.mark.parametrize("novelty", [True, False])
async def test_a_client_caught_in_what_it_said_is_shown_less_of_that(novelty: bool) -> None:
    parts = only("novelty") if novelty else ALL_OFF
    lines = [REPEATS, "Work was loud.", REPEATS, REPEATS, OUT_OF_IT]
    client = {} if novelty else {"planner": [PLAN]}
    state, models = await played(parts, turn_limit=6, client=lines, **client)
    asked_for_third = models.requests_of("client")[2:5]
    first, again, last = (len(request.messages) for request in asked_for_third)
    assert first == again
    assert (last < first) == novelty
    assert REPEATS in _told(asked_for_third[1])
    assert (REPEATS in _told(asked_for_third[2])) != novelty
    said = state["utterances"][-1]
    assert said.provenance is not None
    assert said.text == OUT_OF_IT
    assert said.provenance.flags == (("history-shortened",) if novelty else ())


async def test_where_nothing_can_be_left_out_nothing_is_said_to_be() -> None:
    opening = make_client().opening.client
    state, models = await played(only("novelty"), turn_limit=2, client=[opening] * 3 + [OUT_OF_IT])
    assert len(models.requests_of("client")) == 4
    said = state["utterances"][-1]
    assert said.provenance is not None
    assert said.provenance.flags == ()
    assert not any("history-shortened" in one for one in said.provenance.rejected)
