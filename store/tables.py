"""The tables. A change here needs a migration in `store/migrations/versions/`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from pydantic import JsonValue, TypeAdapter
from sqlalchemy import BigInteger, Float, ForeignKey, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from magnet.state.attitude import Attitude
from magnet.state.intake import Client
from magnet.state.session import EndReason, ExchangeRecord, PlanRecord, SessionSettings
from magnet.state.utterance import Utterance
from magnet.store.columns import Stored, UtcTime, words
from magnet.store.records import SessionStatus
from magnet.store.source import Source

_OBJECT = Stored(TypeAdapter(dict[str, JsonValue]))


class Base(DeclarativeBase):
    """How Python's types become columns."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        float: Float(53),
        datetime: UtcTime(),
        Attitude: words(Attitude),
        EndReason: words(EndReason),
        SessionStatus: words(SessionStatus),
    }


class RunRow(Base):
    """See `records.Run`."""

    __tablename__ = "runs"

    name: Mapped[str] = mapped_column(primary_key=True)
    settings: Mapped[Mapping[str, Any]] = mapped_column(_OBJECT)
    created: Mapped[datetime]


class SessionRow(Base):
    """See `records.Session`."""

    __tablename__ = "sessions"

    id: Mapped[str] = mapped_column(primary_key=True)
    run: Mapped[str | None] = mapped_column(ForeignKey("runs.name"), index=True)
    method: Mapped[str]
    attitude: Mapped[Attitude]
    client_name: Mapped[str]
    client_number: Mapped[int | None]
    client: Mapped[Client] = mapped_column(Stored(TypeAdapter(Client)))
    settings: Mapped[SessionSettings] = mapped_column(Stored(TypeAdapter(SessionSettings)))
    models: Mapped[Mapping[str, Any]] = mapped_column(_OBJECT)
    prompt_hash: Mapped[str]
    prompt_layout: Mapped[str]
    status: Mapped[SessionStatus]
    end_reason: Mapped[EndReason | None]
    error: Mapped[str | None]
    plan: Mapped[PlanRecord | None] = mapped_column(Stored(TypeAdapter(PlanRecord)))
    utterances: Mapped[tuple[Utterance, ...]] = mapped_column(
        Stored(TypeAdapter(tuple[Utterance, ...]))
    )
    exchanges: Mapped[tuple[ExchangeRecord, ...]] = mapped_column(
        Stored(TypeAdapter(tuple[ExchangeRecord, ...]))
    )
    parent: Mapped[str | None]
    parent_checkpoint: Mapped[str | None]
    source: Mapped[Source | None] = mapped_column(Stored(TypeAdapter(Source)))
    created: Mapped[datetime] = mapped_column(index=True)
    updated: Mapped[datetime]


class CallRow(Base):
    """See `state.call.Call`."""

    __tablename__ = "calls"

    session: Mapped[str] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
    )
    exchange: Mapped[int] = mapped_column(primary_key=True)
    node: Mapped[str] = mapped_column(primary_key=True)
    attempt: Mapped[int] = mapped_column(primary_key=True)
    seed: Mapped[int] = mapped_column(BigInteger)
    role: Mapped[str]
    model: Mapped[str]
    started: Mapped[datetime]
    seconds: Mapped[float]
    prompt_tokens: Mapped[int]
    cached_tokens: Mapped[int]
    completion_tokens: Mapped[int]
    retries: Mapped[int]
    finish_reason: Mapped[str | None]
    text: Mapped[str | None]
    messages: Mapped[Sequence[Mapping[str, Any]] | None] = mapped_column(
        Stored(TypeAdapter(list[dict[str, JsonValue]]))
    )
    outcome: Mapped[str | None]
