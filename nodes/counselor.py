"""Who writes the counselor's utterance: fusion of the specialists' drafts, or one counselor."""

from langgraph.runtime import Runtime

from magnet.nodes.context import Node, SessionContext
from magnet.nodes.director.requiring import requirements_of
from magnet.nodes.speaking import speak
from magnet.state import SessionState, SessionUpdate, Speaker, Utterance


def counselor(agent: str, prompt: str) -> Node:
    """Make the node that says the counselor's next utterance.

    Args:
        agent: name of the node.
        prompt: name of the prompt file.
    """

    async def counselor(state: SessionState, runtime: Runtime[SessionContext]) -> SessionUpdate:
        text, _, provenance = await speak(
            state,
            runtime,
            agent=agent,
            prompt=prompt,
            speaker=Speaker.COUNSELOR,
            requirements=requirements_of(
                state, Speaker.COUNSELOR, runtime.context.prompts.techniques
            ),
        )
        said = Utterance(
            index=len(state["utterances"]),
            speaker=Speaker.COUNSELOR,
            text=text,
            provenance=provenance,
        )
        return {"utterances": [said]}

    return counselor
