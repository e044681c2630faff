"""Scores: what a judge gave to a session, a form or a calibration dialogue, item by item."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from magnet.store.columns import Stored, UtcTime
from magnet.store.database import Database
from magnet.store.records import now
from magnet.store.rows import columns_of, record_of, row_of, table_of
from magnet.store.tables import Base
from magnet.store.upserts import insert_or_keep


class Evidence(BaseModel):
    """A place in a session that a judge names: what it found there, in the session's own words."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    utterance: int = Field(ge=0, description="index in the session")
    quote: str
    reason: str = ""
    severity: int | None = Field(
        default=None, description="on the sheet's points, where it has any"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemScore:
    """One item, as one judge scored it once."""

    subject: str  # a session's id, or what else was judged: `form:HASH`, `calibration:NAME`
    sheet: str  # the scale and occasion: ctrs, panas-before
    item: str
    judge: str  # its model id
    sample: int  # from 1
    prompt_hash: str  # of all that the judge is told besides the subject, and how it is sampled
    value: float | None  # as the judge gave it, reversed items too; none is missing, never zero
    reason: str = ""  # the judge's; of a missing value, why it is missing
    evidence: tuple[Evidence, ...] = ()
    created: datetime = field(default_factory=now)


class ScoreRow(Base):
    """See `ItemScore`. The subject need not be a session, so it is no foreign key."""

    __tablename__ = "scores"

    subject: Mapped[str] = mapped_column(primary_key=True)
    sheet: Mapped[str] = mapped_column(primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    judge: Mapped[str] = mapped_column(primary_key=True)
    sample: Mapped[int] = mapped_column(primary_key=True)
    prompt_hash: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[float | None]
    reason: Mapped[str]
    evidence: Mapped[tuple[Evidence, ...]] = mapped_column(
        Stored(TypeAdapter(tuple[Evidence, ...]))
    )
    created: Mapped[datetime] = mapped_column(UtcTime())


_TABLE = table_of(ScoreRow)
_ORDER = ("subject", "sheet", "judge", "sample", "created", "item")
# SQLite takes some 32,000 values in one statement.
_SUBJECTS_A_QUERY = 10_000


class Scores:
    """The scores of a store."""

    def __init__(self, database: Database):
        self._database = database
        # The first answer stands: what was counted once does not change afterward.
        self._insert = insert_or_keep(database.url, _TABLE)

    async def record(self, scores: Sequence[ItemScore]) -> None:
        """Store scores, all or none; one that is stored already stays as it is.

        Raises:
            StoreError: The database cannot be written.
        """
        if scores:
            await self._database.writer.write(self._insert, [row_of(s, _TABLE) for s in scores])

    async def of(
        self, subjects: Sequence[str], *, sheet: str | None = None, judge: str | None = None
    ) -> list[ItemScore]:
        """Return the scores of these subjects, sorted by subject, sheet, judge and sample.

        Those of another wording (`prompt_hash`) are among them; do not mix them.
        """
        wanted = {"sheet": sheet, "judge": judge}
        found: list[ItemScore] = []
        for start in range(0, len(subjects), _SUBJECTS_A_QUERY):
            query = (
                select(*columns_of(ItemScore, _TABLE))
                .where(ScoreRow.subject.in_(subjects[start : start + _SUBJECTS_A_QUERY]))
                .where(*(_TABLE.c[name] == value for name, value in wanted.items() if value))
            )
            found += [record_of(ItemScore, row) for row in await self._database.query(query)]
        return sorted(found, key=lambda score: [getattr(score, name) for name in _ORDER])
