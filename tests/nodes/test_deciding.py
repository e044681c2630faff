"""Decisions in JSON: the plan and the choice of techniques; read, asked again, salvaged."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from magnet.nodes import CHECKS_OFF
from magnet.state import (
    CbtPlan,
    CbtTechnique,
    Provenance,
    Selection,
    SessionState,
    exchanges_of,
)
from magnet.state.technique import packaged_techniques
from tests.scripted import CHOICE, PLAN, Ended, Said, ScriptedModels, play


async def planned(*answers: Said) -> tuple[ScriptedModels, CbtPlan, Provenance]:
    models = ScriptedModels(planner=answers)
    state = await play(models, "cactus")
    return models, state["plan"].plan, state["plan"].provenance


async def chosen(*answers: Said) -> tuple[ScriptedModels, Selection]:
    models = ScriptedModels(selector=answers)
    (exchange,) = exchanges_of(await play(models, "magnet"))
    assert exchange.selection is not None
    return models, exchange.selection


def hints(models: ScriptedModels, agent: str) -> list[str]:
    return [request.last.rpartition("\n\n")[2] for request in models.requests_of(agent)[1:]]


async def test_a_readable_plan_is_taken_at_once() -> None:
    models, plan, provenance = await planned(PLAN)
    assert plan == CbtPlan.model_validate(PLAN)
    assert (provenance.calls, provenance.flags, provenance.rejected) == (1, (), ())
    assert len(models.requests_of("planner")) == 1


async def test_the_endpoint_is_given_the_schema_of_the_answer() -> None:
    models = ScriptedModels()
    await play(models, "magnet")
    formats = {r.agent: r.body.get("response_format") for r in models.requests}
    assert formats.pop("planner") == {
        "type": "json_schema",
        "json_schema": {
            "name": "CbtPlan",
            "schema": CbtPlan.model_json_schema(),
            "strict": True,
        },
    }
    choice = formats.pop("selector")
    assert choice is not None
    schema = choice["json_schema"]["schema"]
    assert list(schema["properties"]) == ["reason", "techniques"]
    assert schema["properties"]["techniques"]["maxItems"] == 3
    assert schema["properties"]["techniques"]["items"]["enum"] == list(packaged_techniques())
    assert set(formats.values()) == {None}


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ("Let us begin with the worry.", "the answer"),
        ("", "the answer"),
        (Ended(None, "stop"), "the answer"),
        ({**PLAN, "technique": "Hypnosis"}, "technique"),
        ({**PLAN, "steps": []}, "steps"),
        ({**PLAN, "steps": [*PLAN["steps"], "No."]}, "steps.3"),
        ({"technique": PLAN["technique"], "steps": PLAN["steps"]}, "reason"),
        ({**PLAN, "duration": "an hour"}, "duration"),
    ],
)
async def test_an_unreadable_plan_is_asked_for_again(answer: Said, place: str) -> None:
    models, plan, provenance = await planned(answer, PLAN)
    assert plan == CbtPlan.model_validate(PLAN)
    assert provenance.rejected == ("unreadable",)
    assert provenance.flags == ()
    (hint,) = hints(models, "planner")
    assert hint.startswith(f"Your last answer could not be read: {place}: ")
    first, second = models.requests_of("planner")
    assert first.seed != second.seed
    assert second.body["response_format"] == first.body["response_format"]


@pytest.mark.parametrize("reason", ["length", "content_filter"])
async def test_a_decision_that_did_not_end_is_asked_for_again(reason: str) -> None:
    cut_off = Ended('{"reason": "The worry rests on', reason)
    _, plan, provenance = await planned(cut_off, PLAN)
    assert plan == CbtPlan.model_validate(PLAN)
    assert provenance.rejected == ("unreadable",)
    _, selection = await chosen(cut_off, CHOICE)
    assert selection.provenance.rejected == ("unreadable",)


async def test_a_plan_that_never_is_readable_is_salvaged_and_flagged() -> None:
    answers = ["no", "Let us try a pie chart technique on it.", "no", "no", PLAN]
    models, plan, provenance = await planned(*answers)
    assert len(models.requests_of("planner")) == 4
    assert provenance.flags == ("unreadable",)
    assert provenance.rejected == ("unreadable",) * 3
    assert len(plan.steps) >= 3
    assert plan.technique in CbtTechnique


@pytest.mark.parametrize("technique", CbtTechnique)
async def test_a_salvaged_plan_keeps_the_technique_that_was_named(technique: CbtTechnique) -> None:
    line = f"I would go with {technique.lower()} here."
    state = await play(ScriptedModels(planner=[line]), "cactus", checks=CHECKS_OFF)
    assert state["plan"].plan.technique is technique
    assert state["plan"].provenance.flags == ("unreadable",)


async def test_of_several_techniques_a_salvaged_plan_takes_the_one_named_first() -> None:
    line = "Systematic exposure first, then perhaps an efficiency evaluation."
    state = await play(ScriptedModels(planner=[line] * 4), "cactus")
    assert state["plan"].plan.technique is CbtTechnique.SYSTEMATIC_EXPOSURE


async def test_what_is_no_step_is_left_out_and_with_too_little_left_any_plan_does() -> None:
    named = {**PLAN, "steps": [*PLAN["steps"], "Bookcase."]}
    _, plan, provenance = await planned(*[named] * 4)
    assert plan.steps == PLAN["steps"]
    assert provenance.repairs == ("bare-names",)

    babble = {**PLAN, "steps": ["Bookcase.", "Bookcase.", "Councilroom."]}
    _, plan, provenance = await planned(*[babble] * 4)
    assert plan.technique == PLAN["technique"]
    assert len(plan.steps) >= 3
    assert "Bookcase." not in plan.steps


async def test_a_step_that_is_repeated_in_other_letters_is_left_out() -> None:
    twice = {**PLAN, "steps": [*PLAN["steps"], PLAN["steps"][2].upper()]}
    _, plan, provenance = await planned(*[twice] * 4)
    assert [step.lower() for step in plan.steps] == [step.lower() for step in PLAN["steps"]]
    assert provenance.repairs == ("repeated-step",)


def with_step(step: str) -> Mapping[str, Any]:
    return {**PLAN, "steps": [*PLAN["steps"], step]}


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (with_step("Session 2: look at the week."), "several-sessions"),
        (with_step("In week three, try it at work."), "several-sessions"),
        ({**PLAN, "reason": "Over sessions two and three it pays."}, "several-sessions"),
        (with_step("Look at what she would say to"), "cut-off"),
        ({**PLAN, "reason": "The worry rests on a"}, "cut-off"),
        (with_step(PLAN["steps"][0].upper()), "repeated-step"),
    ],
)
async def test_a_plan_that_will_not_do_is_asked_for_again(
    answer: Mapping[str, Any], fault: str
) -> None:
    models, plan, provenance = await planned(answer, PLAN)
    assert plan == CbtPlan.model_validate(PLAN)
    assert provenance.rejected == (fault,)
    assert hints(models, "planner")[0].startswith("Your last answer was ")


async def test_what_stays_cut_off_is_left_out_of_the_plan() -> None:
    _, plan, provenance = await planned(*[with_step("Look at what she would say to")] * 4)
    assert plan == CbtPlan.model_validate(PLAN)
    assert provenance.repairs == provenance.flags == ("cut-off",)


async def test_of_a_plan_that_is_cut_off_everywhere_the_technique_stays() -> None:
    _, plan, provenance = await planned(
        *[{**PLAN, "steps": ["Look at what she", "Then go on", "And"]}] * 4
    )
    assert plan.technique == PLAN["technique"]
    assert all(step.endswith(".") for step in plan.steps)
    assert provenance.flags


async def test_without_checks_a_plan_stays_as_it_came() -> None:
    answer = with_step("Look at what she would say to")
    state = await play(ScriptedModels(planner=[answer]), "cactus", checks=CHECKS_OFF)
    assert state["plan"].plan == CbtPlan.model_validate(answer)


async def test_a_plan_for_several_sessions_is_better_than_none() -> None:
    several = with_step("Session 2: look at the week.")
    models, plan, provenance = await planned("no", several, "no", "no")
    assert plan.steps == CbtPlan.model_validate(several).steps[:-1]
    assert provenance.repairs == ("several-sessions",)
    assert provenance.seed == models.requests_of("planner")[1].seed
    assert len(provenance.flags) == 1
    assert provenance.flags == ("several-sessions",)
    assert provenance.rejected == ("unreadable",) * 3


@pytest.mark.parametrize(
    "step",
    [
        "Agree on one thing to try until the next session.",
        "Talk through the first week at work.",
        "Let her rate it from 2 to 9 in this session.",
    ],
)
async def test_a_plan_of_one_session_may_speak_of_others(step: str) -> None:
    models, plan, _ = await planned(with_step(step))
    assert plan.steps[-1] == step
    assert len(models.requests_of("planner")) == 1


async def test_the_plan_is_made_once_and_read_by_those_who_may() -> None:
    models = ScriptedModels()
    await play(models, "magnet", turn_limit=4)
    assert len(models.requests_of("planner")) == 1
    step = PLAN["steps"][0]
    readers = {r.agent for r in models.requests if any(step in m["content"] for m in r.messages)}
    assert readers == {"selector"}


async def test_a_choice_is_taken_in_its_order_without_repetition() -> None:
    techniques = ["solutions", "reflection", "solutions"]
    _, selection = await chosen({"reason": " New. ", "techniques": techniques})
    assert selection.techniques == ("solutions", "reflection")
    assert selection.reason == "New."
    assert selection.exchange == 1


@pytest.mark.parametrize(
    "techniques", [[], ["listening"], ["reflection", "questioning", "solutions", "normalizing"]]
)
async def test_an_unreadable_choice_is_asked_for_again(techniques: Sequence[str]) -> None:
    models, selection = await chosen({**CHOICE, "techniques": techniques}, CHOICE)
    assert selection.techniques == ("reflection",)
    assert selection.provenance.rejected == ("unreadable",)
    assert "techniques" in hints(models, "selector")[0]


@pytest.mark.parametrize(
    ("text", "techniques"),
    [
        ("Normalizing first, then solutions.", ("solutions", "normalizing")),
        ("Anything will do.", ("reflection",)),
        (
            "reflection, questioning, solutions, normalizing, psycho-education",
            ("reflection", "questioning", "solutions"),
        ),
    ],
)
async def test_a_salvaged_choice_keeps_what_was_named(
    text: str, techniques: tuple[str, ...]
) -> None:
    _, selection = await chosen(*[text] * 4)
    assert selection.techniques == techniques
    assert selection.provenance.flags == ("unreadable",)
    assert selection.provenance.calls == 4


async def test_no_session_is_lost_on_decisions_that_cannot_be_read() -> None:
    models = ScriptedModels(planner=["no"] * 9, selector=["no"] * 99)
    state: SessionState = await play(models, "magnet", turn_limit=4)
    assert len(state["utterances"]) == 6
    assert [s.provenance.flags for s in state["selections"]] == [("unreadable",)] * 2
