"""What a node takes from LangGraph's runtime: models, prompts, the journal, and its switches."""

from dataclasses import dataclass, field
from typing import Protocol

from langchain_core.language_models import BaseChatModel
from langgraph.runtime import Runtime

from magnet.prompts import PromptBook
from magnet.state import Call, CallKey, SessionState, SessionUpdate


class Models(Protocol):
    """The model of each agent. An agent is named after its node."""

    def chat(self, agent: str) -> BaseChatModel:
        """Return the agent's chat model, ready to be called."""
        ...

    def describe(self, agent: str) -> tuple[str, str]:
        """Return the agent's role and the name of its model, for the record."""
        ...


class CallJournal(Protocol):
    """The session's finished calls: a call that is in it is not made again."""

    def find(self, key: CallKey) -> Call | None:
        """Return the finished call of this key, if there is one."""
        ...

    async def record(self, call: Call) -> None:
        """Make a finished call durable; returns once it is."""
        ...


class NoJournal:
    """For graphs that run without a store: the checkpoints alone keep what nodes finished."""

    def find(self, key: CallKey) -> Call | None:
        """Return nothing: no call is kept."""

    async def record(self, call: Call) -> None:
        """Keep nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    """What is done about the answers of models."""

    clean: bool = True
    """Repair what can be repaired: labels, notes, quotation marks."""
    ask_again: int = 3
    """How often at most an answer that fails a check is asked for again."""


CHECKS_OFF = Checks(clean=False, ask_again=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionContext:
    """The runtime context of a session's graph."""

    session: str
    models: Models
    prompts: PromptBook = field(default_factory=PromptBook)
    journal: CallJournal = field(default_factory=NoJournal)
    checks: Checks = Checks()
    keep_messages: bool = False
    """Whether the journal keeps the prompts too."""


class Node(Protocol):
    """A node of the graph: reads the state, gives what it adds."""

    async def __call__(
        self, state: SessionState, runtime: Runtime[SessionContext]
    ) -> SessionUpdate:
        """Run the node once."""
        ...
