"""The client's feelings after each of its utterances, as the client's own model tells them."""

from langgraph.runtime import Runtime

from magnet.nodes.context import Node, SessionContext
from magnet.nodes.deciding import decide
from magnet.nodes.director.affect import AffectChange, changed, first_affect, usual_change
from magnet.state import SessionState, SessionUpdate, affect_of, current_exchange, direction_of


def feelings(agent: str, prompt: str) -> Node:
    """Make the node that updates the client's feelings, as an exchange begins.

    Args:
        agent: name of the node.
        prompt: name of the prompt file.
    """

    async def feelings(state: SessionState, runtime: Runtime[SessionContext]) -> SessionUpdate:
        parts = state["settings"].director
        if parts is None or not (parts.inner_life or parts.affect_guard):
            return {}
        exchange = current_exchange(state)
        before = affect_of(state, exchange - 1)
        if before is None:
            return {"affects": [first_affect(state["client"].attitude)]}
        direction = direction_of(state, exchange - 1)
        change, provenance = await decide(
            state,
            runtime,
            agent=agent,
            prompt=prompt,
            answer_model=AffectChange,
            salvage=lambda _: usual_change(direction.manner if direction else None),
            optional=True,
        )
        return {"affects": [changed(before, change, provenance)]}

    return feelings
