"""What a part of the director is: what it decides, what it asks of an utterance, what it says.

A part is a module of this folder, named after its switch in `DirectorParts`, with a `PART`. Its
record is a field of `Direction`, its texts are entries of `director.yaml`.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Any, Generic, TypeVar

from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict, field_validator

from magnet.nodes.context import SessionContext
from magnet.nodes.requirement import Requirement
from magnet.state import (
    Direction,
    DirectorParts,
    SessionState,
    Speaker,
    Techniques,
    derive_seed,
)

K = TypeVar("K", bound=StrEnum)
NO_PARTS = DirectorParts.model_validate(dict.fromkeys(DirectorParts.model_fields, False))


def switches(state: SessionState) -> DirectorParts:
    """Return which parts are on; none of them where the method has no director."""
    return state["settings"].director or NO_PARTS


class PartTexts(BaseModel):
    """The texts of a part, by their names in `director.yaml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def a_text_for_each(*fields: str) -> Any:
    """Return a validator: these fields have a text for each member of the enum of their keys."""

    def check(texts: Mapping[K, str]) -> Mapping[K, str]:
        if not texts:
            raise ValueError("expected an entry for each")
        missing = [member.value for member in type(next(iter(texts))) if member not in texts]
        if missing:
            raise ValueError(f"expected an entry {missing[0]}")
        return texts

    return field_validator(*fields)(check)


T = TypeVar("T", bound=PartTexts)


@dataclass(frozen=True, slots=True)
class ExchangeMoment:
    """An exchange that is about to be decided on."""

    state: SessionState
    runtime: Runtime[SessionContext]
    agent: str
    """Name of the director's node."""
    prompt: str
    """Name of its prompt."""
    exchange: int

    def draws(self, what: str) -> Random:
        """Return what to draw from; it depends on the session's seed and the exchange alone."""
        seed = self.state["settings"].seed
        return Random(derive_seed(seed, self.exchange, "director", what))


@dataclass(frozen=True, slots=True)
class Wanted:
    """An utterance that requirements are made of."""

    state: SessionState
    direction: Direction
    rng: Random
    """Shared by all parts of one utterance."""
    techniques: Techniques
    """Of the method."""


Fields = Mapping[str, object]
Words = Callable[[SessionState, Direction, T], str]
Requirements = Callable[[Wanted], list[Requirement]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectorPart(Generic[T]):
    """One part."""

    texts: type[T]
    words: Mapping[str, Words[T]]
    """What an agent is told, by the name that prompts see; nothing to say gives an empty text."""
    decide: Callable[[ExchangeMoment, Direction], Awaitable[Fields]]
    """Decides, where the part is on, from what was decided before it; gives `Direction` fields."""
    after: tuple[str, ...] = ()
    """Parts whose decisions it builds on."""
    revise: Callable[[ExchangeMoment, Direction], Fields] = lambda _, __: {}
    """Changes what it decided once all have decided."""
    requirements: Mapping[Speaker, Requirements] = field(
        default_factory=dict[Speaker, Requirements]
    )
    """What it asks of an utterance, where its record says so."""
    ends_sessions: bool = False
    """Whether the client leaves in this part's way, and may not end the session itself."""
    seeks_news: bool = False
    """Whether a model that repeats what was said is shown less of that."""
