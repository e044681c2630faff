"""The session's state machine, built from a row of the method table.

The stages of its agents run one after the other, the agents of a stage at once: the planner; then
each exchange from the first of its stages to the client's answer, until the client ends it or the
turn limit is reached. A method without an agent has no node for it.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from typing import Any

import openai
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime
from langgraph.types import RetryPolicy

from magnet.graph.methods import Method
from magnet.nodes import Node, SessionContext, agent_of, stages_of
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
    """Return whether a call may succeed when it is made again: no answer, overload, a fault."""
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
    once, exchange = stages_of(method.agents)
    if begin:
        builder.add_node("begin", begin.node, input_schema=begin.request)
        once = [["begin"], *once]
    # One super-step runs all nodes of a stage, so the next stage needs no barrier to wait for each.
    for before, after in pairwise([[START], *once, *exchange]):
        for one, next_one in product(before, after):
            builder.add_edge(one, next_one)
    first = exchange[0]

    def after_exchange(state: SessionState) -> list[str]:
        return [END] if "end" in state else first

    for node in exchange[-1]:
        builder.add_conditional_edges(node, after_exchange, [*first, END])
    return builder.compile(
        checkpointer=checkpointer, interrupt_before=list(interrupt_before), name=method.name
    )


def nodes_of(method: Method) -> dict[str, Node]:
    """Return the agents of a method, by name, as functions from state to update."""
    return {node: agent_of(node).factory(node, prompt) for node, prompt in method.agents.items()}


def _bind(node: Node, context: SessionContext) -> Node:
    async def bound(state: SessionState, runtime: Runtime[SessionContext]) -> SessionUpdate:
        return await node(state, runtime.override(context=context))

    return bound


def super_steps(method: Method, turn_limit: int) -> int:
    """Return the number of super-steps that a full session takes, for LangGraph's limit."""
    _, exchange = stages_of(method.agents)
    return 1 + (turn_limit // 2) * len(exchange) + 2
