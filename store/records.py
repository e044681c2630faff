"""What goes in and out of the store: values, never database rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from pydantic import JsonValue

from magnet.state.attitude import Attitude
from magnet.state.intake import Client
from magnet.state.provenance import Provenance, Usage
from magnet.state.session import EndReason, ExchangeRecord, PlanRecord, SessionSettings
from magnet.state.utterance import Utterance
from magnet.store.source import Source


class SessionStatus(StrEnum):
    """Where a session is in its life."""

    PENDING = "pending"
    """Planned by a run, not begun."""
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A named batch of sessions."""

    name: str
    settings: Mapping[str, JsonValue]  # all that decides what is generated
    created: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One client x one method; the transcript is there once the session has finished or failed."""

    id: str  # LangGraph's thread id
    run: str | None = None
    client: Client
    settings: SessionSettings
    models: Mapping[str, JsonValue]  # what answers each role: {role: {model, temperature, ...}}
    prompt_hash: str
    prompt_layout: str
    status: SessionStatus = SessionStatus.RUNNING
    end_reason: EndReason | None = None
    error: str | None = None
    plan: PlanRecord | None = None
    utterances: tuple[Utterance, ...] = ()
    exchanges: tuple[ExchangeRecord, ...] = ()
    parent: str | None = None  # the session that it was forked from
    parent_checkpoint: str | None = None
    source: Source | None = None  # of an imported session: its file, and what else that says
    created: datetime = field(default_factory=now)
    updated: datetime = field(default_factory=now)

    @property
    def method(self) -> str:
        """The row of the method table that it plays."""
        return self.settings.method

    @property
    def attitude(self) -> Attitude:
        """The client's stance."""
        return self.client.attitude

    @property
    def client_name(self) -> str:
        """As the intake form has it."""
        return self.client.form.name

    @property
    def client_number(self) -> int | None:
        """Place of the client in its file, from 1."""
        return self.client.number

    @property
    def usage(self) -> Usage:
        """Tokens of the model calls behind what it holds; zeros for an imported one."""
        return sum((provenance.usage for provenance in self._provenances()), Usage())

    @property
    def calls(self) -> int:
        """Count of the model calls behind what it holds; 0 for an imported one."""
        return sum(provenance.calls for provenance in self._provenances())

    def _provenances(self) -> Iterator[Provenance]:
        if self.plan:
            yield self.plan.provenance
        yield from (said.provenance for said in self.utterances if said.provenance)
        for exchange in self.exchanges:
            yield from (candidate.provenance for candidate in exchange.candidates)
            for made in (exchange.selection, exchange.direction, exchange.affect):
                if made and made.provenance:
                    yield made.provenance

    @property
    def model_ids(self) -> dict[str, str]:
        """Each role's model id."""
        return {
            role: str(used.get("model", used) if isinstance(used, dict) else used)
            for role, used in self.models.items()
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSummary:
    """What a list shows of a session."""

    id: str
    run: str | None
    method: str
    attitude: Attitude
    client_name: str
    client_number: int | None
    status: SessionStatus
    end_reason: EndReason | None
    error: str | None
    parent: str | None
    parent_checkpoint: str | None
    created: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class CallTotals:
    """The model calls of one session, summed."""

    calls: int = 0
    seconds: float = 0.0
    usage: Usage = field(default_factory=Usage)
    exchange: int = 0  # the last one that a call was made for
    untold: int = 0  # calls of which the endpoint did not tell the tokens
    flagged: int = 0  # answers that no call passed the checks with: the least bad was kept
