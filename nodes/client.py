"""The client simulator: answers the counselor, and may end the session."""

from langgraph.runtime import Runtime

from nodes.context import Node, SessionContext
from nodes.speaking import speak
from state import EndReason, SessionState, SessionUpdate, Speaker, Utterance


def client(prompt: str) -> Node:
    """Make the client's node."""

    async def client(state: SessionState, runtime: Runtime[SessionContext]) -> SessionUpdate:
        settings = state["settings"]
        index = len(state["utterances"])
        text, ends, making = await speak(
            state,
            runtime,
            agent="client",
            prompt=prompt,
            speaker=Speaker.CLIENT,
            may_end=index - 1 >= settings.min_turns,
        )
        said = Utterance(index=index, speaker=Speaker.CLIENT, text=text, making=making)
        update: SessionUpdate = {"utterances": [said]}
        if ends:
            update["end"] = EndReason.CLIENT
        elif said.turn >= settings.turn_limit:
            update["end"] = EndReason.TURN_LIMIT
        return update

    return client
