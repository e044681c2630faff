"""The session's state machine, built from a row of the method table.

planner -> the specialists and the selector in parallel -> fusion -> client -> and round again,
until the client ends it or the turn limit is reached. A method without an agent has no node for
it.
"""

from collections.abc import Sequence

import openai
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import RetryPolicy

from graph.methods import Method
from nodes import SessionContext, client, counselor, planner, selector, specialist
from state import SessionState

SessionGraph = CompiledStateGraph[SessionState, SessionContext, SessionState, SessionState]

# The HTTP client itself repeats a refused or broken request a few times within seconds. This is
# for what lasts longer, such as a server that restarts: the node runs again, and what its journal
# holds is not asked again.
TRANSPORT_RETRY = RetryPolicy(
    initial_interval=2.0,
    backoff_factor=2.0,
    max_interval=60.0,
    max_attempts=6,
    retry_on=(openai.APIConnectionError, openai.InternalServerError, openai.RateLimitError),
)


def build_graph(
    method: Method,
    *,
    checkpointer: BaseCheckpointSaver[str] | None = None,
    interrupt_before: Sequence[str] = (),
    retry: RetryPolicy = TRANSPORT_RETRY,
) -> SessionGraph:
    """Compile a method's graph.

    Args:
        method: a row of the method table.
        checkpointer: where the state is saved after each super-step; none runs in memory.
        interrupt_before: nodes to stop before, for stepping.
        retry: what to do when an endpoint does not answer.
    """
    builder = StateGraph(SessionState, context_schema=SessionContext)
    branches = [technique.value for technique in method.specialists]
    for technique, prompt in method.specialists.items():
        builder.add_node(technique.value, specialist(technique, prompt), retry_policy=retry)
    if method.selector:
        branches.append("selector")
        builder.add_node("selector", selector(method.selector), retry_policy=retry)

    writer = "fusion" if method.fusion else "counselor"
    writer_prompt = method.fusion or method.counselor or ""
    builder.add_node(writer, counselor(writer, writer_prompt), retry_policy=retry)
    builder.add_node("client", client(method.client), retry_policy=retry)
    builder.add_edge(writer, "client")
    if branches:
        builder.add_edge(branches, writer)

    first = branches or [writer]
    begin = START
    if method.planner:
        builder.add_node("planner", planner(method.planner), retry_policy=retry)
        builder.add_edge(START, "planner")
        begin = "planner"
    for node in first:
        builder.add_edge(begin, node)

    def after_client(state: SessionState) -> list[str]:
        return [END] if "end" in state else first

    builder.add_conditional_edges("client", after_client, [*first, END])
    return builder.compile(
        checkpointer=checkpointer, interrupt_before=list(interrupt_before), name=method.name
    )


def super_steps(method: Method, turn_limit: int) -> int:
    """Give the number of super-steps that a full session takes, for LangGraph's limit."""
    return 1 + (turn_limit // 2) * (3 if method.specialists else 2) + 2
