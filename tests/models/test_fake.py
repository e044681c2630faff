import json
from datetime import date, datetime, time
from enum import Enum
from typing import Annotated, Any, Literal, Union
from uuid import UUID

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langchain_openai import ChatOpenAI
from pydantic import BaseModel, Field, create_model

from magnet.models.fake.model import FakeModel
from magnet.models.fake.speech import load_stock
from magnet.models.fake.transport import fake_transport
from magnet.nodes.director.telling import messages_for
from magnet.prompts import Layout, PromptBook, load_prompts
from magnet.state import (
    END_MARK,
    Attitude,
    Candidate,
    CbtPlan,
    CbtTechnique,
    Client,
    IntakeForm,
    Opening,
    PlanRecord,
    Provenance,
    Selection,
    SessionSettings,
    SessionState,
    Speaker,
    Utterance,
    current_exchange,
    derive_seed,
    start_session,
)
from magnet.state.languages import load_language
from magnet.state.role_labels import role_label
from magnet.state.technique import packaged_techniques
from magnet.state.text import near_duplicate

PROVENANCE = Provenance(seed=0)
PLAN = CbtPlan(
    reason="It fits this client well.",
    technique=CbtTechnique.REALITY_TESTING,
    steps=["Listen to the client.", "Look at one thought.", "Agree on one step."],
)
DRAFTS = {
    "reflection": "That silence weighs on you.",
    "questioning": "What went through your head?",
    "solutions": "You could write one line before the meeting.",
    "normalizing": "Many people go quiet there.",
    "psycho-education": "Fear makes the throat tight.",
}
SPEAKING = [*(technique for technique in packaged_techniques()), "client"]
LAYOUTS: tuple[Layout, ...] = ("shared-first", "paper")
BOOKS = {layout: PromptBook(layout) for layout in LAYOUTS}


def a_session(attitude: Attitude = Attitude.NEUTRAL, seed: int = 0) -> SessionState:
    form = IntakeForm(
        name="Laura Berg",
        age=34,
        gender="female",
        presenting_problem="I freeze in meetings and say nothing for hours.",
        reason="I want to speak at work again.",
    )
    opening = Opening(
        counselor="Hello Laura, what brings you here?",
        client="I keep silent in every meeting and hate myself for it.",
    )
    state = start_session(
        Client(form=form, attitude=attitude, opening=opening), SessionSettings(seed=seed)
    )
    state["plan"] = PlanRecord(plan=PLAN, provenance=PROVENANCE)
    state["candidates"] = [
        Candidate(exchange=1, technique=technique, text=text, provenance=PROVENANCE)
        for technique, text in DRAFTS.items()
    ]
    chosen = ("normalizing", "solutions")
    state["selections"] = [Selection(exchange=1, techniques=chosen, provenance=PROVENANCE)]
    return state


def a_body(
    prompt: str, state: SessionState, *, seed: int | None = 1, layout: Layout = "shared-first"
) -> dict[str, Any]:
    role = {"system": "system", "human": "user", "ai": "assistant"}
    messages = messages_for(BOOKS[layout], prompt, state)
    return {
        "model": "fake",
        "seed": seed,
        "messages": [{"role": role[m.type], "content": m.text} for m in messages],
    }


def constrained(body: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    wanted = {"type": "json_schema", "json_schema": {"name": "Answer", "schema": schema}}
    return {**body, "response_format": wanted}


def text_of(completion: dict[str, Any]) -> str:
    return completion["choices"][0]["message"]["content"]


@pytest.fixture(scope="module")
def fake() -> FakeModel:
    return FakeModel()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("prompt", load_prompts().names)
def test_recognizes_the_agent_of_every_prompt(fake: FakeModel, prompt: str, layout: Layout) -> None:
    agent = fake.reply(a_body(prompt, a_session(), layout=layout)).agent
    # Prompts that differ only in what they show share their longest line.
    assert agent.split("-")[0] == prompt.split("-")[0]


@pytest.mark.parametrize("prompt", SPEAKING)
def test_same_body_same_text_and_another_seed_another(fake: FakeModel, prompt: str) -> None:
    state = a_session()
    texts = [fake.reply(a_body(prompt, state, seed=seed)).text for seed in range(30)]
    other = FakeModel()
    assert texts == [other.reply(a_body(prompt, state, seed=seed)).text for seed in range(30)]
    assert len(set(texts)) >= 20


def test_agents_answer_differently(fake: FakeModel) -> None:
    answers = [fake.reply(a_body(prompt, a_session())).text for prompt in SPEAKING]
    assert len(set(answers)) == len(SPEAKING)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_fusion_speaks_from_the_chosen_drafts(fake: FakeModel, layout: Layout) -> None:
    for seed in range(10):
        text = fake.reply(a_body("fusion", a_session(), seed=seed, layout=layout)).text
        assert DRAFTS["normalizing"] in text
        assert DRAFTS["solutions"] in text
        assert DRAFTS["reflection"] not in text


def test_planner_gives_valid_and_varied_plans(fake: FakeModel) -> None:
    body = constrained(a_body("planner", a_session()), CbtPlan.model_json_schema())
    plans = [
        CbtPlan.model_validate_json(fake.reply({**body, "seed": seed}).text) for seed in range(80)
    ]
    assert {plan.technique for plan in plans} == set(CbtTechnique)
    assert len({plan.text for plan in plans}) == 80
    assert all(len(set(plan.steps)) == len(plan.steps) for plan in plans)


def test_an_unknown_prompt_gets_a_generic_answer(fake: FakeModel) -> None:
    body = {"messages": [{"role": "user", "content": "How warm is the counselor, 1 to 5?"}]}
    reply = fake.reply(body)
    assert reply.agent == "unknown"
    assert len(reply.text.split()) > 4


def test_an_answer_is_a_complete_chat_completion(fake: FakeModel) -> None:
    answer = fake.answer(a_body("reflection", a_session()))
    assert answer["object"] == "chat.completion"
    assert answer["model"] == "fake"
    assert answer["choices"][0]["finish_reason"] == "stop"
    usage = answer["usage"]
    assert usage["completion_tokens"] == pytest.approx(len(text_of(answer)) / 4, abs=1)
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_max_tokens_cuts_the_answer_off(fake: FakeModel) -> None:
    body = a_body("reflection", a_session())
    whole = text_of(fake.answer(body))
    cut = fake.answer({**body, "max_tokens": 5})
    assert cut["choices"][0]["finish_reason"] == "length"
    assert cut["usage"]["completion_tokens"] == 5
    assert whole.startswith(text_of(cut))
    assert len(text_of(cut)) < len(whole)


def test_messages_of_an_earlier_request_count_as_cached() -> None:
    fake = FakeModel()
    reflection = a_body("reflection", a_session())
    assert fake.reply(reflection).cached_tokens == 0
    shared = fake.reply(a_body("questioning", a_session()))
    assert 0 < shared.cached_tokens < shared.prompt_tokens
    again = fake.reply(reflection)
    assert again.cached_tokens == again.prompt_tokens


def play(fake: FakeModel, attitude: Attitude, seed: int, layout: Layout) -> list[str]:
    """Let counselor and client talk for forty turns; gives the client's raw answers."""
    state = a_session(attitude, seed)
    said: list[str] = []
    for prompt, speaker in [
        ("counselor-cactus", Speaker.COUNSELOR),
        ("client", Speaker.CLIENT),
    ] * 20:
        index = len(state["utterances"])
        call_seed = derive_seed(seed, current_exchange(state), prompt)
        text = fake.reply(a_body(prompt, state, seed=call_seed, layout=layout)).text
        if speaker is Speaker.CLIENT:
            said.append(text)
        text = text.replace(END_MARK, "").strip()
        state["utterances"].append(Utterance(index=index, speaker=speaker, text=text))
    return said


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("attitude", list(Attitude))
def test_a_client_does_not_repeat_itself(
    fake: FakeModel, attitude: Attitude, layout: Layout
) -> None:
    said = play(fake, attitude, 3, layout)
    repeated = [a for i, a in enumerate(said) if any(near_duplicate(a, b) for b in said[:i])]
    assert len(repeated) <= 1, repeated


def test_clients_end_some_sessions_and_none_early(fake: FakeModel) -> None:
    sessions = [play(fake, Attitude.POSITIVE, seed, "shared-first") for seed in range(10)]
    endings = [[i for i, text in enumerate(said, 1) if END_MARK in text] for said in sessions]
    assert any(endings)
    assert not all(endings)
    assert min(i for ending in endings for i in ending) > 9
    marked = [text for said in sessions for text in said if END_MARK in text]
    assert all(text.endswith(END_MARK) for text in marked)


def test_attitudes_talk_differently(fake: FakeModel) -> None:
    said = {a: set(play(fake, a, 1, "shared-first")) for a in Attitude}
    assert not said[Attitude.POSITIVE] & said[Attitude.NEGATIVE]


def test_the_stock_is_speech_and_complete() -> None:
    stock = load_stock()
    slots = {*stock.slots, "heard"}
    technique, label = load_language().techniques.name, role_label()
    for name, parsed in stock.sentences.items():
        texts = ["".join(sentence.parts) for sentence in parsed]
        assert not [t for t in texts if technique.search(t) or label.search(t)]
        assert len(set(texts)) == len(texts)
        assert {slot for s in parsed for slot in s.parts[1::2]} <= slots, name
    named = {stock for ways in stock.ways.values() for way in ways for stock in way}
    named |= {stock for fields in stock.fields.values() for stock in fields.values()}
    assert named <= stock.sentences.keys()


# Takes drawn types, for which `|` is not always defined.
UNION: Any = Union
FAKE = FakeModel()


class Color(Enum):
    RED = "red"
    BLUE = "blue"


def _bounds(low: int, high: int) -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(st.integers(low, high), st.integers(low, high)).map(
        lambda pair: (min(pair), max(pair))
    )


LEAVES: st.SearchStrategy[Any] = st.one_of(
    st.sampled_from([str, int, float, bool, None, Color, date, datetime, time, UUID]),
    st.just(Literal["a", "b", 3]),
    _bounds(0, 400).map(lambda b: Annotated[str, Field(min_length=b[0], max_length=b[1])]),
    _bounds(-50, 50).map(lambda b: Annotated[int, Field(ge=b[0], le=b[1])]),
    _bounds(-50, 50).map(lambda b: Annotated[int, Field(gt=b[0], lt=b[1] + 2)]),
    _bounds(-50, 50).map(lambda b: Annotated[float, Field(gt=b[0], lt=b[1] + 1)]),
    st.integers(1, 9).map(lambda step: Annotated[int, Field(multiple_of=step, ge=7)]),
)


def _containers(of: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.tuples(of, _bounds(0, 7)).map(
            lambda x: Annotated[list[x[0]], Field(min_length=x[1][0], max_length=x[1][1])]
        ),
        of.map(lambda t: UNION[t, None]),
        st.tuples(of, of).map(lambda pair: UNION[pair]),
        st.tuples(of, of).map(lambda pair: tuple[pair]),
        of.map(lambda t: dict[str, t]),
        st.just(dict[Literal["x", "y"], int]),
        st.just(set[Color]),
        _models(of),
    )


def _models(of: st.SearchStrategy[Any]) -> st.SearchStrategy[type[BaseModel]]:
    fields = st.dictionaries(st.sampled_from(["reason", "steps", "score", "note"]), of, min_size=1)
    return fields.map(
        lambda types: create_model("Answer", **{name: (t, ...) for name, t in types.items()})
    )


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(model=_models(st.recursive(LEAVES, _containers, max_leaves=6)), seed=st.integers(0, 2**31))
def test_json_answers_are_valid_under_any_schema(model: type[BaseModel], seed: int) -> None:
    body = constrained(
        {"messages": [{"role": "user", "content": "Judge the session."}], "seed": seed},
        model.model_json_schema(),
    )
    text = FAKE.reply(body).text
    model.model_validate_json(text)
    assert FAKE.reply(body).text == text


class Node(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=12)]
    left: "Node | None"
    children: list["Node"]


def test_recursive_schemas_come_to_an_end(fake: FakeModel) -> None:
    body = constrained(a_body("planner", a_session()), Node.model_json_schema())
    for seed in range(20):
        Node.model_validate_json(fake.reply({**body, "seed": seed}).text)


def test_a_json_object_without_a_schema(fake: FakeModel) -> None:
    body = {**a_body("planner", a_session()), "response_format": {"type": "json_object"}}
    assert isinstance(json.loads(fake.reply(body).text), dict)


@pytest.fixture
def chat() -> ChatOpenAI:
    transport = fake_transport()
    return ChatOpenAI(
        model="fake",
        base_url="http://fake.invalid/v1",
        api_key="none",
        http_client=httpx.Client(transport=transport),
        http_async_client=httpx.AsyncClient(transport=transport),
        stream_usage=True,
        max_retries=0,
    )


async def test_a_chat_model_talks_to_the_fake_without_a_network(chat: ChatOpenAI) -> None:
    messages = BOOKS["shared-first"].messages("client", a_session())
    message = await chat.ainvoke(messages, seed=7)
    expected = FakeModel().reply(a_body("client", a_session(), seed=7))
    assert message.text == expected.text
    assert message.usage_metadata is not None
    assert message.usage_metadata["input_tokens"] == expected.prompt_tokens
    assert message.response_metadata["finish_reason"] == "stop"
    assert chat.invoke(messages, seed=7).text == expected.text


async def test_structured_output_through_the_chat_model(chat: ChatOpenAI) -> None:
    planner = chat.with_structured_output(CbtPlan, method="json_schema")
    plan = await planner.ainvoke(BOOKS["shared-first"].messages("planner", a_session()), seed=2)
    assert isinstance(plan, CbtPlan)
    assert len(plan.steps) >= 3


async def test_streaming_gives_the_same_text_and_usage(chat: ChatOpenAI) -> None:
    messages = BOOKS["shared-first"].messages("client", a_session())
    pieces = [piece async for piece in chat.astream(messages, seed=7)]
    whole = await chat.ainvoke(messages, seed=7)
    assert len([piece for piece in pieces if piece.text]) > 1
    assert "".join(piece.text for piece in pieces) == whole.text
    assert any(piece.usage_metadata for piece in pieces)
