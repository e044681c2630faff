"""The state machine of each method: its agents, its order, its end."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypedDict

import httpx
import pytest
from langchain_core.language_models import BaseChatModel
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphRecursionError
from pydantic import SecretStr

from magnet.graph import Begin, Method, SessionGraph, build_graph, load_methods, super_steps
from magnet.models.chat import EndpointChat
from magnet.models.fake.transport import fake_transport
from magnet.nodes import CHECKS_OFF, SessionContext
from magnet.state import (
    DirectorParts,
    EndReason,
    SessionSettings,
    SessionState,
    Speaker,
    exchanges_of,
    start_session,
    total_usage,
)
from magnet.state.technique import packaged_techniques
from tests.scripted import ScriptedModels, make_client

METHODS = load_methods()
CLIENT = make_client()


class FakeModels:
    """The fake model for every agent; remembers whom it was asked for."""

    def __init__(self) -> None:
        self.agents: set[str] = set()
        self._http = httpx.AsyncClient(transport=fake_transport())

    def chat(self, agent: str) -> BaseChatModel:
        self.agents.add(agent)
        return EndpointChat(
            model="fake",
            base_url="http://fake.invalid/v1",
            api_key=SecretStr("none"),
            http_async_client=self._http,
            max_retries=0,
        )

    def describe(self, agent: str) -> tuple[str, str]:
        return agent, "fake"


def begin(method: Method, turn_limit: int) -> SessionState:
    settings = SessionSettings(
        method=method.name,
        turn_limit=turn_limit,
        min_turns=turn_limit,
        director=DirectorParts() if method.is_directed else None,
    )
    return start_session(CLIENT, settings)


async def played(
    method: Method, turn_limit: int, steps: int | None = None
) -> tuple[SessionState, ScriptedModels]:
    models = ScriptedModels()
    # What is tested is the machine, so nothing is asked twice.
    context = SessionContext(session="s1", models=models, checks=CHECKS_OFF)
    limit = super_steps(method, turn_limit) if steps is None else steps
    state: Any = await build_graph(method).ainvoke(
        begin(method, turn_limit), {"recursion_limit": limit}, context=context
    )
    return state, models


@pytest.mark.parametrize("name", METHODS)
async def test_a_session_is_played_to_its_turn_limit_by_its_own_agents(name: str) -> None:
    method, models = METHODS[name], FakeModels()
    state: Any = await build_graph(method).ainvoke(
        begin(method, 4),
        {"recursion_limit": super_steps(method, 4)},
        context=SessionContext(session="s1", models=models),
    )
    assert state["end"] is EndReason.TURN_LIMIT
    assert models.agents == set(method.agents)
    assert [u.speaker for u in state["utterances"]] == [Speaker.COUNSELOR, Speaker.CLIENT] * 3
    assert [u.index for u in state["utterances"]] == list(range(6))
    assert all(u.text for u in state["utterances"])
    assert ("plan" in state) == ("planner" in method.agents)
    for exchange in exchanges_of(state):
        assert [c.technique for c in exchange.candidates] == list(method.specialists)
        assert (exchange.selection is not None) == ("selector" in method.agents)
        assert exchange.counselor is not None
        assert exchange.client is not None
    assert len(exchanges_of(state)) == 2
    calls, usage = total_usage(state)
    # The plan is made once, and the feelings that a client comes with are nobody's answer.
    assert calls >= 2 * len(method.agents) - ("plan" in state) - ("feelings" in method.agents)
    assert usage.completion > 0


async def steps_of(graph: SessionGraph, method: Method, turn_limit: int) -> list[set[str]]:
    """Return the nodes that ran, a set a super-step."""
    context = SessionContext(session="s1", models=ScriptedModels(), checks=CHECKS_OFF)
    steps: defaultdict[int, set[str]] = defaultdict(set)
    async for event in graph.astream(
        begin(method, turn_limit),
        {"recursion_limit": super_steps(method, turn_limit)},
        context=context,
        stream_mode="debug",
    ):
        if event["type"] == "task":
            steps[event["step"]].add(event["payload"]["name"])
    return [steps[number] for number in sorted(steps)]


@pytest.mark.parametrize("name", METHODS)
async def test_the_specialists_and_the_selector_run_in_one_super_step(name: str) -> None:
    method = METHODS[name]
    agents = set(method.agents)
    parallel = agents & {"selector", *packaged_techniques()}
    writer = agents & {"fusion", "counselor"}
    directed = [{"feelings"}, {"director"}] if method.is_directed else []
    exchange = [*directed, *(step for step in (parallel, writer, {"client"}) if step)]
    plan = [{"planner"}] if "planner" in method.agents else []
    assert await steps_of(build_graph(method), method, 6) == [*plan, *exchange * 3]


@pytest.mark.parametrize("turn_limit", [2, 4])
async def test_it_ends_at_the_turn_limit_and_not_before(turn_limit: int) -> None:
    state, models = await played(METHODS["magnet-c"], turn_limit)
    assert state.get("end") is EndReason.TURN_LIMIT
    assert len(state["utterances"]) == 2 + turn_limit
    assert len(models.requests_of("client")) == turn_limit // 2


@pytest.mark.parametrize("turn_limit", [2, 8, 40])
@pytest.mark.parametrize("name", ["magnet", "magnet-t", "cactus", "psych8k", "magnet-plus"])
async def test_the_super_steps_suffice_for_a_full_session(name: str, turn_limit: int) -> None:
    state, _ = await played(METHODS[name], turn_limit)
    assert len(state["utterances"]) == 2 + turn_limit
    assert state["utterances"][-1].turn == turn_limit


class Wish(TypedDict):
    turn_limit: int


async def grant(wish: Wish) -> SessionState:
    return begin(METHODS["magnet"], wish["turn_limit"])


async def grant_directed(wish: Wish) -> SessionState:
    return begin(METHODS["magnet-plus"], wish["turn_limit"])


@pytest.mark.parametrize("turn_limit", [2, 8])
@pytest.mark.parametrize("name", ["magnet", "cactus", "magnet-plus"])
async def test_not_a_super_step_too_many_is_granted(name: str, turn_limit: int) -> None:
    """Exactly enough where a method has all that takes a step: a begin, a planner."""
    start = grant_directed if METHODS[name].is_directed else grant
    graph = build_graph(METHODS[name], begin=Begin(Wish, start))
    context = SessionContext(session="s1", models=ScriptedModels(), checks=CHECKS_OFF)
    enough = super_steps(METHODS[name], turn_limit)
    wish: Any = {"turn_limit": turn_limit}
    state = await graph.ainvoke(wish, {"recursion_limit": enough}, context=context)
    assert len(state["utterances"]) == 2 + turn_limit
    with pytest.raises(GraphRecursionError):
        await graph.ainvoke(wish, {"recursion_limit": enough - 1}, context=context)


async def test_a_bound_context_needs_none_at_the_call() -> None:
    models = ScriptedModels()
    context = SessionContext(session="s1", models=models)
    graph = build_graph(METHODS["psych8k"], begin=Begin(Wish, grant), context=context)
    wish: Any = {"turn_limit": 2}
    state = await graph.ainvoke(wish)
    assert len(state["utterances"]) == 4
    assert models.agents == {"counselor", "client"}


async def test_a_session_stops_before_a_node_and_goes_on() -> None:
    method, models = METHODS["magnet"], ScriptedModels()
    graph = build_graph(method, checkpointer=InMemorySaver(), interrupt_before=["fusion"])
    config: Any = {"configurable": {"thread_id": "s1"}, "recursion_limit": super_steps(method, 4)}
    context = SessionContext(session="s1", models=models)
    await graph.ainvoke(begin(method, 4), config, context=context)
    stopped: Sequence[str] = (await graph.aget_state(config)).next
    assert stopped == ("fusion",)
    assert "fusion" not in models.agents
    asked = len(models.requests)
    for expected in (("fusion",), ()):
        await graph.ainvoke(None, config, context=context)
        assert (await graph.aget_state(config)).next == expected
    state = (await graph.aget_state(config)).values
    assert len(state["utterances"]) == 6
    assert len(models.requests) == asked + 2 + 6 + 2


def test_each_method_has_a_node_for_each_agent_and_none_besides() -> None:
    for method in METHODS.values():
        graph = build_graph(method)
        assert set(graph.nodes) - {"__start__"} == set(method.agents)
        assert graph.name == method.name
