"""The session's state machine, built from a row of the method table.

planner -> the specialists and the selector in parallel -> fusion -> client -> and round again,
until the client ends it or the turn limit is reached. A method without an agent has no node for
it. With a director, each exchange begins with the client's feelings and the director's decisions.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import openai
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import RetryPolicy

from magnet.graph.methods import Method
from magnet.nodes import (
    Node,
    SessionContext,
    client,
    counselor,
    deliberate_planner,
    director,
    feelings,
    planner,
    selector,
    specialist,
)
from magnet.state import SessionState, SessionUpdate

SessionGraph = CompiledStateGraph[SessionState, SessionContext, SessionState, SessionState]


@dataclass(frozen=True, slots=True)
class Begin:
    """A first node that makes a session's start from another kind of input."""

    request: type[Any]
    """The input's shape, a `TypedDict`."""
    node: Callable[..., Coroutine[Any, Any, SessionState]]
    """Takes a request."""


_TRANSIENT = frozenset({408, 409, 429})


def is_transient(error: Exception) -> bool:
    """Tell whether a call may succeed when it is made again: no answer, overload, a fault."""
    if isinstance(error, openai.APIStatusError):
        return error.status_code in _TRANSIENT or error.status_code >= 500
    return isinstance(error, openai.OpenAIError)


# The HTTP client itself repeats a refused or broken request a few times within seconds. This is
# for what lasts longer, such as a server that restarts: the node runs again, and what its journal
# holds is not asked again.
TRANSPORT_RETRY = RetryPolicy(
    initial_interval=0.5,
    backoff_factor=2.0,
    max_interval=60.0,
    max_attempts=8,
    retry_on=is_transient,
)


def build_graph(
    method: Method,
    *,
    checkpointer: BaseCheckpointSaver[str] | None = None,
    interrupt_before: Sequence[str] = (),
    retry: RetryPolicy = TRANSPORT_RETRY,
    begin: Begin | None = None,
    context: SessionContext | None = None,
) -> SessionGraph:
    """Compile a method's graph.

    Args:
        method: a row of the method table.
        checkpointer: where the state is saved after each super-step; none runs in memory.
        interrupt_before: nodes to stop before, for stepping.
        retry: what to do when an endpoint does not answer.
        begin: for input of another kind than `start_session` gives.
        context: the runtime context of every invocation, where the caller can give none.
    """
    builder = StateGraph(
        SessionState,
        # A bound context is the graph's own affair: whoever invokes it gives none.
        context_schema=None if context else SessionContext,
        input_schema=begin.request if begin else SessionState,
    )

    def add(name: str, node: Node) -> None:
        bound = node if context is None else _bind(node, context)
        builder.add_node(name, bound, retry_policy=retry)

    for name, node in nodes_of(method).items():
        add(name, node)
    branches = [technique.value for technique in method.specialists]
    if method.selector:
        branches.append("selector")
    writer = "fusion" if method.fusion else "counselor"
    builder.add_edge(writer, "client")
    # One super-step runs all of them, so the writer needs no barrier to wait for each.
    for branch in branches:
        builder.add_edge(branch, writer)

    first = branches or [writer]
    if method.director:
        builder.add_edge("feelings", "director")
        for node in first:
            builder.add_edge("director", node)
        first = ["feelings"]
    last = START
    if begin:
        builder.add_node("begin", begin.node, input_schema=begin.request)
        builder.add_edge(last, "begin")
        last = "begin"
    if method.planner:
        builder.add_edge(last, "planner")
        last = "planner"
    for node in first:
        builder.add_edge(last, node)

    def after_client(state: SessionState) -> list[str]:
        return [END] if "end" in state else first

    builder.add_conditional_edges("client", after_client, [*first, END])
    return builder.compile(
        checkpointer=checkpointer, interrupt_before=list(interrupt_before), name=method.name
    )


def nodes_of(method: Method) -> dict[str, Node]:
    """Give the agents of a method, by name, as functions from state to update."""
    nodes: dict[str, Node] = {
        technique.value: specialist(technique, prompt)
        for technique, prompt in method.specialists.items()
    }
    if method.planner:
        plans = deliberate_planner if method.director else planner
        nodes["planner"] = plans(method.planner)
    if method.director and method.feelings:
        nodes["feelings"] = feelings(method.feelings)
        nodes["director"] = director(method.director)
    if method.selector:
        nodes["selector"] = selector(method.selector)
    writer = "fusion" if method.fusion else "counselor"
    nodes[writer] = counselor(writer, method.fusion or method.counselor or "")
    nodes["client"] = client(method.client)
    return nodes


def _bind(node: Node, context: SessionContext) -> Node:
    async def bound(state: SessionState, runtime: Runtime[SessionContext]) -> SessionUpdate:
        return await node(state, runtime.override(context=context))

    return bound


def super_steps(method: Method, turn_limit: int) -> int:
    """Give the number of super-steps that a full session takes, for LangGraph's limit."""
    exchange = (3 if method.specialists else 2) + (2 if method.director else 0)
    return 1 + (turn_limit // 2) * exchange + 2
