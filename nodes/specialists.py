"""The specialists: each proposes the counselor's next utterance in one technique, in parallel."""

from langgraph.runtime import Runtime

from magnet.nodes.context import Node, SessionContext
from magnet.nodes.speaking import speak
from magnet.state import (
    Candidate,
    SessionState,
    SessionUpdate,
    Speaker,
    TechniqueName,
    current_exchange,
)


def specialist(technique: TechniqueName, prompt: str) -> Node:
    """Make the node of one technique's specialist."""

    async def specialist(state: SessionState, runtime: Runtime[SessionContext]) -> SessionUpdate:
        text, _, provenance = await speak(
            state, runtime, agent=technique, prompt=prompt, speaker=Speaker.COUNSELOR
        )
        candidate = Candidate(
            exchange=current_exchange(state), technique=technique, text=text, provenance=provenance
        )
        return {"candidates": [candidate]}

    return specialist
