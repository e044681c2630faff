"""PostgreSQL's locks on sessions. Imports the driver: import it where it is used alone."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from typing import Any, LiteralString

from psycopg import Error
from sqlalchemy import URL

from magnet.checkpoints.errors import LockLostError, busy
from magnet.checkpoints.postgres import Connection, connect

_TAKE = "SELECT pg_try_advisory_lock(hashtextextended('magnet session ' || %s, 0)) AS done"
_GIVE = "SELECT pg_advisory_unlock(hashtextextended('magnet session ' || %s, 0)) AS done"
_WATCH_EVERY = 0.5
"""Seconds between two looks at the connection."""
_ANSWER_WITHIN = 15.0
"""Seconds after which a connection that says nothing counts as gone."""


class AdvisoryLocks:
    """Advisory locks, all held by one connection. See `locks.SessionLocks`.

    PostgreSQL lets them all go when the connection ends, and another process may then take them.
    So the connection is watched, and what runs under a lock is canceled when it is gone.
    """

    def __init__(self, connection: Connection):
        """Hold the locks of `connection`."""
        self._connection = connection
        self._held: dict[str, asyncio.Task[Any] | None] = {}
        self._lost: Exception | None = None

    @asynccontextmanager
    async def hold(self, session_id: str) -> AsyncGenerator[None]:
        """Hold the lock of a session while a block runs."""
        # The connection may take a lock that it has already; a second task of ours must not, and
        # is kept out before PostgreSQL is asked: it may come while the answer is under way.
        if session_id in self._held:
            raise busy(session_id)
        self._held[session_id] = task = asyncio.current_task()
        # Who is canceled while the answer is under way may have it: giving it back does no harm.
        taken = True
        try:
            taken = await self._ask(_TAKE, session_id)
            if not taken:
                raise busy(session_id)
            yield
        except BaseException:
            if self._lost is None:
                raise
            if task is not None:
                task.uncancel()
            raise self._loss(session_id) from self._lost
        finally:
            try:
                if taken and self._lost is None:
                    await self._ask(_GIVE, session_id)
            finally:
                del self._held[session_id]

    async def watch(self) -> None:
        """Cancel what runs under the locks when the connection is gone; return then."""
        while self._lost is None:
            await asyncio.sleep(_WATCH_EVERY)
            with suppress(LockLostError):
                await self._ask("SELECT %s::text IS NOT NULL AS done", "")
        for task in {task for task in self._held.values() if task is not None}:
            task.cancel()

    async def _ask(self, query: LiteralString, session_id: str) -> bool:
        if self._lost is not None:
            raise self._loss(session_id) from self._lost
        try:
            async with asyncio.timeout(_ANSWER_WITHIN):
                row = await (await self._connection.execute(query, (session_id,))).fetchone()
        except (Error, TimeoutError) as error:
            self._lost = error
            raise self._loss(session_id) from error
        return bool(row and row["done"])

    def _loss(self, session_id: str) -> LockLostError:
        reason = str(self._lost).strip() or type(self._lost).__name__
        what = f"session {session_id}: " if session_id else ""
        return LockLostError(
            f"{what}the connection that holds its lock in PostgreSQL has ended ({reason}); another "
            "process may go on with it by now. Nothing that was answered is lost: resume when the "
            "database is there"
        )


@asynccontextmanager
async def open_advisory_locks(url: URL) -> AsyncGenerator[AdvisoryLocks]:
    """Open the connection that holds the locks, and watch it."""
    async with connect(url) as connection:
        locks = AdvisoryLocks(connection)
        watching = asyncio.create_task(locks.watch())
        try:
            yield locks
        finally:
            watching.cancel()
            with suppress(asyncio.CancelledError):
                await watching
