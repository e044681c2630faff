"""The director's node: decides an exchange before it is played."""

from langgraph.runtime import Runtime

from magnet.nodes.context import Node, SessionContext
from magnet.nodes.director.part import ExchangeMoment
from magnet.nodes.director.parts import active_parts
from magnet.state import Direction, SessionState, SessionUpdate, current_exchange


def director(agent: str, prompt: str) -> Node:
    """Make the director's node.

    What is drawn depends on the session's seed and the exchange alone, not on what else is on.

    Args:
        agent: name of the node.
        prompt: name of the prompt file that the screening for danger uses.
    """

    async def director(state: SessionState, runtime: Runtime[SessionContext]) -> SessionUpdate:
        if state["settings"].director is None:
            return {}
        at = ExchangeMoment(state, runtime, agent, prompt, current_exchange(state))
        direction = Direction(exchange=at.exchange)
        parts = active_parts(state)
        for part in parts:
            direction = direction.model_copy(update=await part.decide(at, direction))
        for part in parts:
            direction = direction.model_copy(update=part.revise(at, direction))
        return {"directions": [direction]}

    return director
