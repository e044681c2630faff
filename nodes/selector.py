"""The technique selector: which of the five the counselor's next utterance draws on."""

from functools import partial
from typing import Annotated

from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from magnet.nodes.context import Node, SessionContext
from magnet.nodes.deciding import Fault, decide
from magnet.state import (
    Selection,
    SessionState,
    SessionUpdate,
    Technique,
    current_exchange,
    direction_of,
)

_COMFORT = frozenset({Technique.REFLECTION, Technique.NORMALIZING})


class Choice(BaseModel):
    """The selector's answer: first the reason, then the choice that follows from it."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, StringConstraints(max_length=300)]
    # Three at most: with all five in one short utterance the choice would choose nothing.
    techniques: Annotated[list[Technique], Field(min_length=1, max_length=3)]


def _salvage(text: str) -> Choice:
    named = [t for t in Technique if t.value in text.lower()]
    return Choice(reason="", techniques=named[:3] or [Technique.REFLECTION])


_TOO_EARLY = Fault(
    "too-early",
    "Your last answer was too early: the client's mood sinks, so choose reflection or normalizing "
    "first.",
)


def _check(state: SessionState, choice: Choice) -> Fault | None:
    direction = direction_of(state, current_exchange(state))
    if direction and direction.mood_falls and _COMFORT.isdisjoint(choice.techniques):
        return _TOO_EARLY
    return None


def selector(prompt: str) -> Node:
    """Make the selector's node."""

    async def selector(state: SessionState, runtime: Runtime[SessionContext]) -> SessionUpdate:
        choice, making = await decide(
            state,
            runtime,
            agent="selector",
            prompt=prompt,
            answer_model=Choice,
            salvage=_salvage,
            check=partial(_check, state),
        )
        selection = Selection(
            exchange=current_exchange(state),
            techniques=tuple(dict.fromkeys(choice.techniques)),
            reason=choice.reason.strip(),
            making=making,
        )
        return {"selections": [selection]}

    return selector
