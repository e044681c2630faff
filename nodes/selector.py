"""The technique selector: what the counselor's next utterance draws on."""

from functools import cache, partial
from typing import Annotated, Any, Literal

from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from magnet.nodes.context import Node, SessionContext
from magnet.nodes.deciding import Flaw, decide
from magnet.state import (
    Selection,
    SessionState,
    SessionUpdate,
    TechniqueName,
    Techniques,
    current_exchange,
    direction_of,
)

# With all of them in one short utterance the choice would choose nothing.
_MOST = 3
# A choice that is known only when a method is.
_ONE_OF: Any = Literal


class TechniqueChoice(BaseModel):
    """The selector's answer: first the reason, then the choice that follows from it."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, StringConstraints(max_length=300)]
    techniques: list[TechniqueName]


@cache
def _answer_model(techniques: tuple[TechniqueName, ...]) -> type[TechniqueChoice]:
    """Return the answer's shape for these techniques: an endpoint gives no other."""
    some: Any = Annotated[list[_ONE_OF[techniques]], Field(min_length=1, max_length=_MOST)]
    return create_model("Choice", __base__=TechniqueChoice, techniques=(some, ...))


def _salvage(techniques: Techniques, text: str) -> TechniqueChoice:
    named = [name for name in techniques if name in text.lower()]
    return TechniqueChoice(reason="", techniques=named[:_MOST] or [*techniques][:1])


def _check(state: SessionState, techniques: Techniques, choice: TechniqueChoice) -> Flaw | None:
    comforting = [name for name, one in techniques.items() if one.comforts]
    direction = direction_of(state, current_exchange(state))
    falls = direction is not None and direction.mood_falls
    if falls and comforting and not set(comforting).intersection(choice.techniques):
        return Flaw(
            "too-early",
            "Your last answer was too early: the client's mood sinks, so choose "
            f"{' or '.join(comforting)} first.",
        )
    return None


def selector(agent: str, prompt: str) -> Node:
    """Make the selector's node."""

    async def selector(state: SessionState, runtime: Runtime[SessionContext]) -> SessionUpdate:
        techniques = runtime.context.prompts.techniques
        choice, provenance = await decide(
            state,
            runtime,
            agent=agent,
            prompt=prompt,
            answer_model=_answer_model(tuple(techniques)),
            salvage=partial(_salvage, techniques),
            check=partial(_check, state, techniques),
        )
        selection = Selection(
            exchange=current_exchange(state),
            techniques=tuple(dict.fromkeys(choice.techniques)),
            reason=choice.reason.strip(),
            provenance=provenance,
        )
        return {"selections": [selection]}

    return selector
