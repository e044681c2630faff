"""PostgreSQL's locks on sessions. Imports the driver: import it where it is used alone."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import LiteralString

from sqlalchemy import URL

from magnet.checkpoints.errors import busy
from magnet.checkpoints.postgres import Connection, connect

_TAKE = "SELECT pg_try_advisory_lock(hashtextextended('magnet session ' || %s, 0)) AS done"
_GIVE = "SELECT pg_advisory_unlock(hashtextextended('magnet session ' || %s, 0)) AS done"


class AdvisoryLocks:
    """Advisory locks, all held by one connection. See `locks.SessionLocks`."""

    def __init__(self, connection: Connection):
        """Hold the locks of `connection`."""
        self._connection = connection
        self._held: set[str] = set()

    @asynccontextmanager
    async def hold(self, session_id: str) -> AsyncGenerator[None]:
        """Hold the lock of a session while a block runs."""
        # The connection may take a lock that it has already; a second task of ours must not.
        if session_id in self._held or not await self._ask(_TAKE, session_id):
            raise busy(session_id)
        self._held.add(session_id)
        try:
            yield
        finally:
            self._held.discard(session_id)
            await self._ask(_GIVE, session_id)

    async def _ask(self, query: LiteralString, session_id: str) -> bool:
        row = await (await self._connection.execute(query, (session_id,))).fetchone()
        return bool(row and row["done"])


@asynccontextmanager
async def open_advisory_locks(url: URL) -> AsyncGenerator[AdvisoryLocks]:
    """Open the connection that holds the locks."""
    async with connect(url) as connection:
        yield AdvisoryLocks(connection)
