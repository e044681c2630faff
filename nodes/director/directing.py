"""The director's node: decides an exchange before it is played."""

from random import Random

from langgraph.runtime import Runtime

from magnet.nodes.context import Node, SessionContext
from magnet.nodes.director.affect import mood_falls
from magnet.nodes.director.closing import ending_of
from magnet.nodes.director.inner_life import draw_manner
from magnet.nodes.director.novelty import novelty_of
from magnet.nodes.director.phases import phase_of, progress_of
from magnet.nodes.director.risk import reminding, screen
from magnet.state import (
    Direction,
    Farewell,
    Phase,
    SessionState,
    SessionUpdate,
    current_exchange,
    derive_seed,
)


def director(agent: str, prompt: str) -> Node:
    """Make the director's node.

    What is drawn depends on the session's seed and the exchange alone, not on what else is on.

    Args:
        agent: name of the node.
        prompt: name of the prompt file that the screening for danger uses.
    """

    async def director(state: SessionState, runtime: Runtime[SessionContext]) -> SessionUpdate:
        parts = state["settings"].director
        if parts is None:
            return {}
        exchange = current_exchange(state)

        def draws(part: str) -> Random:
            return Random(derive_seed(state["settings"].seed, exchange, "director", part))

        risk = await screen(state, runtime, agent, prompt) if parts.risk else None
        # Nobody is let go while danger has still to be asked about.
        may_leave = not (risk and risk.address)
        ending = (
            ending_of(state, exchange, draws("closing"), may_leave=may_leave)
            if parts.closing
            else None
        )
        leaves = ending is not None and ending.farewell is Farewell.GOODBYE
        scheduled = phase_of(exchange, state["settings"].turn_limit // 2)
        phase = (Phase.CLOSING if leaves else scheduled) if parts.phases else None
        closing = phase is Phase.CLOSING
        manner = draw_manner(draws("manner"), state["client"].attitude, phase)
        direction = Direction(
            exchange=exchange,
            phase=phase,
            progress=progress_of(state, exchange, closing=closing) if parts.phases else None,
            manner=manner if parts.inner_life else None,
            novelty=novelty_of(state, draws("novelty")) if parts.novelty else None,
            mood_falls=mood_falls(state, exchange) if parts.affect_guard else None,
            ending=ending,
            risk=reminding(state, risk) if risk and leaves else risk,
        )
        return {"directions": [direction]}

    return director
