"""Model calls: the log of what was asked and paid for."""

from collections.abc import Sequence
from operator import eq

from sqlalchemy import ColumnElement, RowMapping, case, delete, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from magnet.state.call import KEPT, Call, CallKey
from magnet.state.provenance import Usage
from magnet.store.database import Database
from magnet.store.records import CallTotals
from magnet.store.rows import columns_of, record_of, row_of, table_of
from magnet.store.tables import CallRow, SessionRow
from magnet.store.upserts import insert_or_keep

_TABLE = table_of(CallRow)
_KEY = [CallRow.session, CallRow.exchange, CallRow.node, CallRow.attempt]


_MOST_TOKENS = 2**31 - 1


def _told(column: InstrumentedAttribute[int], least: int) -> ColumnElement[bool]:
    # Databases hold what endpoints answered before their counts were checked.
    return column.between(least, _MOST_TOKENS)


def _sum(column: InstrumentedAttribute[int]) -> ColumnElement[int]:
    return func.sum(case((_told(column, 0), column), else_=0))


def _flagged() -> ColumnElement[bool]:
    # Once for each answer: at its first call. Only one that failed a check looks for later ones.
    later = aliased(CallRow)
    passed = (
        select(later.session)
        .where(
            later.session == CallRow.session,
            later.exchange == CallRow.exchange,
            later.node == CallRow.node,
            later.outcome.startswith(KEPT),
        )
        .correlate(CallRow)
        .exists()
    )
    return (CallRow.attempt == 0) & ~CallRow.outcome.startswith(KEPT) & ~passed


_FLAGGED = func.sum(case((_flagged(), 1), else_=0)).label("flagged")
_SUMS = (
    _FLAGGED,
    func.count().label("calls"),
    func.sum(CallRow.seconds).label("seconds"),
    _sum(CallRow.prompt_tokens).label("prompt"),
    _sum(CallRow.cached_tokens).label("cached"),
    _sum(CallRow.completion_tokens).label("completion"),
    func.max(CallRow.exchange).label("exchange"),
    func.sum(case((_told(CallRow.prompt_tokens, 1), 0), else_=1)).label("untold"),
)


class Calls:
    """The model calls of a store."""

    def __init__(self, database: Database):
        self._database = database
        # The first answer stands, since the session went on from it.
        self._insert = insert_or_keep(database.url, _TABLE)

    async def record(self, call: Call) -> None:
        """Store a call; return when it is committed. One that is stored already stays as it is.

        Raises:
            StoreError: Its session is not stored, or the database cannot be written.
        """
        await self._database.writer.write(self._insert, [row_of(call, _TABLE)])

    async def drop(self, session_id: str, exchange: int, nodes: Sequence[str]) -> None:
        """Forget what some nodes were answered in an exchange, so that they are asked anew.

        Raises:
            StoreError: The database cannot be written.
        """
        gone = delete(_TABLE).where(
            CallRow.session == session_id, CallRow.exchange == exchange, CallRow.node.in_(nodes)
        )
        await self._database.writer.run(lambda connection: connection.execute(gone))

    async def find(self, key: CallKey) -> Call | None:
        """Return the call of this key."""
        query = select(*columns_of(Call, _TABLE)).where(*map(eq, _KEY, key))
        rows = await self._database.query(query)
        return record_of(Call, rows[0]) if rows else None

    async def of_session(self, session_id: str) -> list[Call]:
        """Return the calls of a session in the order in which they started."""
        query = (
            select(*columns_of(Call, _TABLE))
            .where(CallRow.session == session_id)
            # By exchange first: a clock may have been set back since.
            .order_by(CallRow.exchange, CallRow.started, CallRow.node, CallRow.attempt)
        )
        return [record_of(Call, row) for row in await self._database.query(query)]

    async def totals(self, session_ids: Sequence[str]) -> dict[str, CallTotals]:
        """Sum the calls of each of these sessions; zeros for one without calls."""
        query = (
            select(CallRow.session, *_SUMS)
            .where(CallRow.session.in_(session_ids))
            .group_by(CallRow.session)
        )
        rows = {row["session"]: row for row in await self._database.query(query)}
        return {name: _totals(rows.get(name)) for name in session_ids}

    async def usage_by_model(self, session_ids: Sequence[str]) -> dict[str, dict[str, Usage]]:
        """Sum the tokens of each of these sessions by model; nothing for one without calls."""
        query = (
            select(CallRow.session, CallRow.model, *_SUMS)
            .where(CallRow.session.in_(session_ids))
            .group_by(CallRow.session, CallRow.model)
        )
        found: dict[str, dict[str, Usage]] = {name: {} for name in session_ids}
        for row in await self._database.query(query):
            found[row["session"]][row["model"]] = _totals(row).usage
        return found

    async def totals_by_model(self, run: str) -> dict[str, CallTotals]:
        """Sum the calls of a run's sessions by the model that answered them."""
        query = (
            select(CallRow.model, *_SUMS)
            .join(SessionRow, SessionRow.id == CallRow.session)
            .where(SessionRow.run == run)
            .group_by(CallRow.model)
        )
        return {row["model"]: _totals(row) for row in await self._database.query(query)}

    async def flagged(self, run: str) -> dict[str, int]:
        """Count the flagged answers of those of a run's sessions that have any."""
        query = (
            select(CallRow.session, _FLAGGED)
            .join(SessionRow, SessionRow.id == CallRow.session)
            .where(SessionRow.run == run, _flagged())
            .group_by(CallRow.session)
        )
        return {row["session"]: row["flagged"] for row in await self._database.query(query)}

    async def totals_by_node(self, session_id: str) -> dict[str, CallTotals]:
        """Sum the calls of a session by the node that made them."""
        query = (
            select(CallRow.node, *_SUMS).where(CallRow.session == session_id).group_by(CallRow.node)
        )
        return {row["node"]: _totals(row) for row in await self._database.query(query)}


def _totals(row: RowMapping | None) -> CallTotals:
    if row is None:
        return CallTotals()
    return CallTotals(
        calls=row["calls"],
        seconds=row["seconds"],
        usage=Usage.of(row["prompt"], row["cached"], row["completion"]),
        exchange=row["exchange"],
        untold=row["untold"],
        flagged=row["flagged"],
    )
