"""What an agent is, as data: all that a graph, a session's path and an endpoint need to know."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

from magnet.nodes.context import Node


class Stage(IntEnum):
    """When an agent runs. All agents of a stage run at once, the stages one after the other."""

    PLAN = 0
    """Once, before the first exchange."""
    APPRAISE = 1
    """How things stand as an exchange begins."""
    DIRECT = 2
    """What the exchange is for."""
    DRAFT = 3
    """What the counselor could say."""
    REVIEW = 4
    """What is to be made of the drafts."""
    SPEAK = 5
    """The counselor's utterance: each method has one agent for it."""
    ANSWER = 6
    """The client's: each method has one agent for it."""


Record = Literal["plan", "affect", "direction", "candidates", "selection", "counselor", "client"]
"""A field of a session's record, or of an exchange's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """An agent, named by the field of a method that gives its prompt."""

    name: str
    factory: Callable[[str, str], Node]
    """Makes its node, of the node's name and its prompt's."""
    role: str
    """Whose model it uses: a role of `[models]` in `magnet.toml`."""
    stage: Stage
    writes: Record
    """Where the record holds what it makes, and so shows that it ran."""
    shows: frozenset[str] = frozenset()
    """What prompts can show because of it."""
    needs: frozenset[str] = frozenset()
    """Agents without which a method cannot have it."""
    slot: str | None = None
    """The slot in which an embedded server keeps its prompt. Agents that name the same one have
    prompts too different, or too rare, to gain from two; with none the server picks one."""
    shares_prefix: bool = False
    """Whether each of its nodes has a slot instead, all of which begin with the same prompt."""
    many: bool = False
    """Whether it has a node for each technique, named after it, instead of one."""
