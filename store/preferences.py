"""Preferences: which of two sessions a judge model or a person finds better, aspect by aspect."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, aliased, mapped_column

from magnet.store.columns import words
from magnet.store.database import Database
from magnet.store.records import now
from magnet.store.rows import columns_of, record_of, row_of, table_of
from magnet.store.tables import Base, SessionRow
from magnet.store.upserts import insert_or_replace


class RaterKind(StrEnum):
    """Who gave a verdict."""

    JUDGE = "judge"
    HUMAN = "human"


class Verdict(StrEnum):
    """Which of the two is better."""

    FIRST = "first"
    SECOND = "second"
    TIE = "tie"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """One verdict on two sessions in one order."""

    first: str  # id of the session that was shown first, or on the left
    second: str
    aspect: str
    kind: RaterKind
    rater: str  # a judge's model id, or what a person calls themselves
    instrument: str  # hash of the wording that was asked, or id of the rating kit
    verdict: Verdict | None  # none: no answer could be read, as `reason` tells
    reason: str = ""
    created: datetime = field(default_factory=now)


class PreferenceRow(Base):
    """See `Preference`."""

    __tablename__ = "preferences"

    first: Mapped[str] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True
    )
    second: Mapped[str] = mapped_column(
        ForeignKey("sessions.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    aspect: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[RaterKind] = mapped_column(words(RaterKind), primary_key=True)
    rater: Mapped[str] = mapped_column(primary_key=True)
    instrument: Mapped[str] = mapped_column(primary_key=True)
    verdict: Mapped[Verdict | None] = mapped_column(words(Verdict))
    reason: Mapped[str]
    created: Mapped[datetime]


_TABLE = table_of(PreferenceRow)


class Preferences:
    """The preferences of a store."""

    def __init__(self, database: Database):
        self._database = database
        self._insert = insert_or_replace(database.url, _TABLE)

    async def record(self, preferences: Sequence[Preference]) -> None:
        """Store verdicts, all or none; a rater's newer verdict on the same replaces the older.

        Raises:
            StoreError: One of the sessions is not stored, or the database cannot be written.
        """
        if preferences:
            rows = [row_of(preference, _TABLE) for preference in preferences]
            await self._database.writer.write(self._insert, rows)

    async def between(self, run_a: str, run_b: str) -> list[Preference]:
        """Return the verdicts on a session of one run and one of the other, in either order.

        With one run twice these are the verdicts inside it. The oldest come first.
        """
        first, second = aliased(SessionRow), aliased(SessionRow)
        query = (
            select(*columns_of(Preference, _TABLE))
            .join(first, first.id == PreferenceRow.first)
            .join(second, second.id == PreferenceRow.second)
            .where(
                ((first.run == run_a) & (second.run == run_b))
                | ((first.run == run_b) & (second.run == run_a))
            )
            .order_by(PreferenceRow.created, *_TABLE.primary_key)
        )
        return [record_of(Preference, row) for row in await self._database.query(query)]
