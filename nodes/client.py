"""The client simulator: answers the counselor, and may end the session."""

from langgraph.runtime import Runtime

from magnet.nodes.context import Node, SessionContext
from magnet.nodes.director.parts import active_parts
from magnet.nodes.director.requiring import requirements_of
from magnet.nodes.speaking import speak
from magnet.state import (
    EndReason,
    SessionState,
    SessionUpdate,
    Speaker,
    Utterance,
    current_exchange,
    direction_of,
)


def client(agent: str, prompt: str) -> Node:
    """Make the client's node."""

    async def client(state: SessionState, runtime: Runtime[SessionContext]) -> SessionUpdate:
        settings = state["settings"]
        index = len(state["utterances"])
        # A director that closes sessions lets the client leave in its own way, with a goodbye.
        closes = any(part.ends_sessions for part in active_parts(state))
        text, ends, provenance = await speak(
            state,
            runtime,
            agent=agent,
            prompt=prompt,
            speaker=Speaker.CLIENT,
            may_end=index - 1 >= settings.min_turns and not closes,
            requirements=requirements_of(state, Speaker.CLIENT, runtime.context.prompts.techniques),
        )
        said = Utterance(index=index, speaker=Speaker.CLIENT, text=text, provenance=provenance)
        update: SessionUpdate = {"utterances": [said]}
        direction = direction_of(state, current_exchange(state))
        ending = direction.ending if direction and direction.is_last else None
        if ends or (ending and (ending.leaving or said.turn < settings.turn_limit)):
            update["end"] = EndReason.CLIENT
        elif said.turn >= settings.turn_limit:
            update["end"] = EndReason.TURN_LIMIT
        return update

    return client
