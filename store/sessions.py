"""Sessions: what they are made from, and their transcripts."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import JsonValue
from sqlalchemy import func, insert, select, update

from magnet.state.contents import exchanges_of
from magnet.state.errors import Command, Option
from magnet.store.database import Database
from magnet.store.errors import AmbiguousIdError, UnknownIdError
from magnet.store.records import Session, SessionStatus, SessionSummary, now
from magnet.store.rows import columns_of, record_of, row_of, table_of
from magnet.store.tables import RunRow, SessionRow

if TYPE_CHECKING:
    from magnet.state.graph_state import SessionState

_TABLE = table_of(SessionRow)
_INSERT = insert(_TABLE)
_NAMED_AT_MOST = 5
_TERMS = ("client", "client_name", "client_number", "attitude", "settings")


class Sessions:
    """The sessions of a store."""

    def __init__(self, database: Database):
        self._database = database

    async def create(self, session: Session) -> Session:
        """Store a new session.

        Raises:
            StoreError: There is one of this id, its run is not stored, or the database cannot be
                written.
        """
        await self.create_all([session])
        return session

    async def create_all(self, sessions: Sequence[Session]) -> None:
        """Store new sessions, all or none.

        Raises:
            StoreError: As for `create`.
        """
        if sessions:
            rows = [row_of(session, _TABLE) for session in sessions]
            await self._database.writer.write(_INSERT, rows)

    async def finish(
        self,
        session_id: str,
        state: "SessionState",
        *,
        models: Mapping[str, JsonValue] | None = None,
    ) -> None:
        """Store the transcript of a session that has ended.

        Args:
            session_id: The session.
            state: Its last state.
            models: What answered each role and how it was asked, where that is known better by now.

        Raises:
            UnknownIdError: There is no such session.
        """
        known = {} if models is None else {"models": models}
        await self._change(
            session_id, status=SessionStatus.FINISHED, error=None, **_transcript(state), **known
        )

    async def fail(self, session_id: str, error: str, state: "SessionState | None" = None) -> None:
        """Store why a session could not go on, and how far it came.

        Raises:
            UnknownIdError: There is no such session.
        """
        transcript = {} if state is None else _transcript(state)
        await self._change(session_id, status=SessionStatus.FAILED, error=error, **transcript)

    async def revise(self, session: Session) -> None:
        """Store the client and the settings of a session in which a user has changed them.

        Raises:
            UnknownIdError: There is no such session.
        """
        await self._change(session.id, **{name: getattr(session, name) for name in _TERMS})

    async def reopen(self, session_id: str) -> None:
        """Note that a session goes on.

        Raises:
            UnknownIdError: There is no such session.
        """
        await self._change(session_id, status=SessionStatus.RUNNING, error=None)

    async def get(self, session_id: str) -> Session:
        """Return the session of this id.

        Raises:
            UnknownIdError: There is none.
        """
        query = select(*columns_of(Session, _TABLE)).where(SessionRow.id == session_id)
        rows = await self._database.query(query)
        if not rows:
            raise _unknown(session_id)
        return record_of(Session, rows[0])

    async def find(self, prefix: str) -> Session:
        """Return the session of this id, or else the only one whose id starts so.

        Raises:
            UnknownIdError: No id starts so, or it is the name of a run.
            AmbiguousIdError: Several do.
        """
        starts_so = func.substr(SessionRow.id, 1, len(prefix)) == prefix
        query = select(SessionRow.id).where(starts_so).order_by(SessionRow.id)
        found: list[str] = [row["id"] for row in await self._database.query(query)]
        if len(found) != 1 and prefix not in found and await self._is_run(prefix):
            raise UnknownIdError(
                f"{prefix} is a run, and no session. '{{list}}' shows its sessions.",
                list=Command(("list",), (Option("run", prefix),)),
            )
        if not prefix or not found:
            raise _unknown(prefix)
        if len(found) > 1 and prefix not in found:
            some = ", ".join(found[:_NAMED_AT_MOST])
            more = ", ..." if len(found) > _NAMED_AT_MOST else ""
            raise AmbiguousIdError(
                f"{len(found)} sessions have ids that start with {prefix}: {some}{more}. "
                "Give more of the id."
            )
        return await self.get(prefix if prefix in found else found[0])

    async def list(
        self,
        *,
        run: str | None = None,
        status: SessionStatus | None = None,
        method: str | None = None,
        limit: int | None = None,
    ) -> list[SessionSummary]:
        """Return the sessions that match all that is given, the newest first."""
        wanted = {"run": run, "status": status, "method": method}
        query = (
            select(*columns_of(SessionSummary, _TABLE))
            .where(*(_TABLE.c[name] == value for name, value in wanted.items() if value))
            .order_by(SessionRow.created.desc(), SessionRow.id)
            .limit(limit)
        )
        return [record_of(SessionSummary, row) for row in await self._database.query(query)]

    async def _is_run(self, name: str) -> bool:
        return bool(await self._database.query(select(RunRow.name).where(RunRow.name == name)))

    async def _change(self, session_id: str, **values: Any) -> None:
        change = update(_TABLE).where(SessionRow.id == session_id).values(updated=now(), **values)
        if not await self._database.writer.run(lambda c: c.execute(change).rowcount):
            raise _unknown(session_id)


def _transcript(state: "SessionState") -> dict[str, Any]:
    return {
        "end_reason": state.get("end"),
        "plan": state.get("plan"),
        "utterances": tuple(state["utterances"]),
        "exchanges": tuple(exchanges_of(state)),
    }


def _unknown(session_id: str) -> UnknownIdError:
    return UnknownIdError(
        f"no session has the id {session_id!r}. '{{list}}' shows what there is.",
        list=Command(("list",)),
    )
