"""The record of a session: its exchanges, its cost, its seeds, and the bounds of its values."""

from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from magnet.state import (
    Candidate,
    CbtPlan,
    CbtTechnique,
    PlanRecord,
    Provenance,
    Selection,
    SessionSettings,
    SessionState,
    Speaker,
    Usage,
    Utterance,
    candidates_of,
    current_exchange,
    derive_seed,
    exchanges_of,
    selection_of,
    start_session,
    total_usage,
    turns,
)
from magnet.state.technique import packaged_techniques
from tests.scripted import make_client

STEPS = ["Hear what happened.", "Look at the thought.", "Agree on one thing."]


def provenance(calls: int = 1, prompt: int = 0, completion: int = 0, cached: int = 0) -> Provenance:
    usage = Usage(prompt=prompt, cached=cached, completion=completion)
    return Provenance(seed=1, calls=calls, usage=usage)


def candidate(exchange: int, technique: str, account: Provenance | None = None) -> Candidate:
    text = f"{technique} {exchange}"
    return Candidate(
        exchange=exchange, technique=technique, text=text, provenance=account or provenance()
    )


def said(index: int, account: Provenance | None = None) -> Utterance:
    speaker = Speaker.CLIENT if index % 2 else Speaker.COUNSELOR
    return Utterance(
        index=index, speaker=speaker, text=f"{index}", provenance=account or provenance()
    )


def begun(**more: Any) -> SessionState:
    start = start_session(make_client(), SessionSettings())
    return cast(SessionState, {**start, **more})


def test_a_session_starts_with_the_given_pair() -> None:
    client = make_client()
    state = start_session(client, SessionSettings(seed=5))
    assert [(u.index, u.speaker, u.text, u.provenance) for u in state["utterances"]] == [
        (0, Speaker.COUNSELOR, client.opening.counselor, None),
        (1, Speaker.CLIENT, client.opening.client, None),
    ]
    assert state["client"] == client
    assert state["settings"].seed == 5
    assert turns(state) == 0
    assert current_exchange(state) == 1
    assert exchanges_of(state) == []
    assert total_usage(state) == (0, Usage())


def test_turns_and_exchanges_are_counted_after_the_opening_pair() -> None:
    counted = [(said(index).turn, said(index).exchange) for index in range(6)]
    assert counted == [(-1, 0), (0, 0), (1, 1), (2, 1), (3, 2), (4, 2)]
    start = begun()["utterances"]
    exchanges = [
        current_exchange(begun(utterances=[*start, *map(said, range(2, last))]))
        for last in (2, 3, 4, 5, 6)
    ]
    assert exchanges == [1, 1, 2, 2, 3]


def test_exchanges_hold_what_was_on_the_table_in_the_order_of_the_techniques() -> None:
    first = [candidate(1, technique) for technique in reversed(packaged_techniques())]
    second = [candidate(2, "questioning")]
    choice = Selection(exchange=1, techniques=("reflection",), provenance=provenance())
    state = begun(
        utterances=[*begun()["utterances"], said(2), said(3), said(4)],
        candidates=[*second, *first],
        selections=[choice],
    )
    one, two = exchanges_of(state)
    assert one.index == 1
    assert one.candidates == candidates_of(state, 1) == tuple(reversed(first))
    assert one.selection == selection_of(state, 1) == choice
    assert (one.counselor, one.client) == (said(2), said(3))
    assert two.index == 2
    assert two.candidates == tuple(second)
    assert two.selection is selection_of(state, 2) is None
    assert (two.counselor, two.client) == (said(4), None)


def test_an_exchange_that_has_only_drafts_is_there() -> None:
    state = begun(candidates=[candidate(1, "solutions")])
    (only,) = exchanges_of(state)
    assert [c.technique for c in only.candidates] == ["solutions"]
    assert only.counselor is only.client is only.selection is None


def test_usage_is_summed_over_all_that_a_session_holds() -> None:
    plan = CbtPlan(reason="It fits well.", technique=CbtTechnique.PIE_CHART, steps=STEPS)
    choice = Selection(
        exchange=1, techniques=("reflection",), provenance=provenance(2, 100, 20, 50)
    )
    state = begun(
        plan=PlanRecord(plan=plan, provenance=provenance(1, 1000, 200, 500)),
        candidates=[candidate(1, "reflection", provenance(3, 10, 2, 5))],
        selections=[choice],
        utterances=[
            *begun()["utterances"],
            said(2, provenance(4, 1, 1, 1)),
            said(3, provenance(5)),
        ],
    )
    assert total_usage(state) == (15, Usage(prompt=1111, cached=556, completion=223))


places = st.lists(st.one_of(st.integers(0, 99), st.sampled_from(["planner", "client"])), max_size=4)


@given(st.integers(0, 2**63), places)
def test_a_seed_has_31_bits_and_depends_on_its_place_alone(seed: int, place: list[object]) -> None:
    derived = derive_seed(seed, *place)
    assert 0 <= derived < 2**31
    assert derived == derive_seed(seed, *place)
    assert derived != derive_seed(seed + 1, *place)
    assert derived != derive_seed(seed, *place, 0)


def test_seeds_are_those_of_sessions_that_were_stored_before() -> None:
    assert derive_seed(0, 1, "planner", 0) == 77_697_729
    assert derive_seed(7, 20, "client", 3) == 902_331_147


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("steps", STEPS[:2]),
        ("steps", [f"Do thing number {n}." for n in range(7)]),
        ("steps", [*STEPS, "Short."]),
        ("steps", [*STEPS, "x" * 301]),
        ("reason", "No."),
        ("reason", "x" * 301),
        ("reason", f"{' ' * 20}No."),
        ("technique", "Hypnosis"),
        ("sessions", 8),
    ],
)
def test_a_plan_out_of_bounds_is_refused(field: str, value: object) -> None:
    good = {"reason": "It fits well.", "technique": "Pie Chart Technique", "steps": STEPS}
    CbtPlan.model_validate(good)
    with pytest.raises(ValidationError) as repeats:
        CbtPlan.model_validate(good | {field: value})
    assert repeats.value.errors()[0]["loc"][0] == field


@pytest.mark.parametrize("steps", [3, 5])
@pytest.mark.parametrize("length", [8, 300])
def test_a_plan_at_its_bounds_is_read(steps: int, length: int) -> None:
    texts = [str(n).ljust(length, "x") for n in range(steps)]
    plan = CbtPlan(reason=texts[0], technique=CbtTechnique.CONTINUUM, steps=texts)
    assert plan.steps == texts


def test_the_plan_schema_carries_the_bounds_to_the_endpoint() -> None:
    schema = CbtPlan.model_json_schema()
    steps = schema["properties"]["steps"]
    assert (steps["minItems"], steps["maxItems"]) == (3, 5)
    assert (steps["items"]["minLength"], steps["items"]["maxLength"]) == (8, 300)
    assert schema["properties"]["reason"]["maxLength"] == 300
    assert schema["$defs"]["CbtTechnique"]["enum"] == [t.value for t in CbtTechnique]
    assert len(CbtTechnique) == 12
    assert schema["additionalProperties"] is False
    assert set(schema["required"]) == {"reason", "technique", "steps"}


def test_a_plan_reads_as_text_with_numbered_steps() -> None:
    plan = CbtPlan(reason=" It fits well. ", technique=CbtTechnique.PIE_CHART, steps=STEPS)
    assert plan.text == (
        "CBT technique: Pie Chart Technique\nWhy: It fits well.\nSteps:\n"
        "1. Hear what happened.\n2. Look at the thought.\n3. Agree on one thing."
    )


@pytest.mark.parametrize(
    ("model", "wrong"),
    [
        (SessionSettings, {"turn_limit": 3}),
        (SessionSettings, {"turn_limit": 0}),
        (SessionSettings, {"min_turns": -1}),
        (SessionSettings, {"seed": -1}),
        (SessionSettings, {"turns": 40}),
        (Selection, {"exchange": 1, "techniques": (), "making": provenance()}),
        (Selection, {"exchange": 0, "techniques": ("reflection",), "making": provenance()}),
        (Provenance, {"seed": 1, "calls": 0}),
        (Usage, {"prompt": -1}),
    ],
)
def test_values_out_of_bounds_are_refused(model: type[BaseModel], wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.model_validate(wrong)
