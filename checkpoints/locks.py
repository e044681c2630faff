"""One process at a time may run a session.

The operating system, or PostgreSQL, lets a lock go when its process ends, however it ends.
"""

from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from filelock import FileLock, Timeout
from sqlalchemy import URL

from magnet.checkpoints.errors import CheckpointError, busy, postgres_needed
from magnet.state.errors import Option


class SessionLocks(Protocol):
    """The locks on the sessions of one database."""

    def hold(self, session_id: str) -> AbstractAsyncContextManager[None]:
        """Hold the lock of a session while a block runs.

        Raises:
            SessionBusyError: Another process is running it, or another task of this one.
        """
        ...


@asynccontextmanager
async def open_locks(url: URL) -> AsyncGenerator[SessionLocks]:
    """Open the locks of a database, for any number of sessions.

    Args:
        url: The database, `store.url` of an open store: SQLite's file or PostgreSQL.

    Raises:
        CheckpointError: What PostgreSQL needs is not installed.
    """
    if url.get_backend_name() == "sqlite":
        yield _FileLocks(Path(f"{url.database}.locks"))
        return
    with postgres_needed(url):
        from magnet.checkpoints.advisory import open_advisory_locks
    async with open_advisory_locks(url) as locks:
        yield locks


@asynccontextmanager
async def session_lock(url: URL, session_id: str) -> AsyncGenerator[None]:
    """Hold the lock of one session; a process that runs many opens the locks once instead.

    Raises:
        SessionBusyError: Another process is running it.
    """
    async with open_locks(url) as locks, locks.hold(session_id):
        yield


class _FileLocks:
    """A file for each session that is running, in a folder beside the database."""

    def __init__(self, folder: Path):
        self._folder = folder

    @asynccontextmanager
    async def hold(self, session_id: str) -> AsyncGenerator[None]:
        path = self._folder / f"{quote(session_id, safe='')}.lock"
        lock = FileLock(path, timeout=0)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
        except Timeout as error:
            raise busy(session_id) from error
        except OSError as error:
            raise CheckpointError(
                f"session {session_id}: its lock {path} cannot be made ({error.strerror}). "
                "Make the folder writable, or name another database with {db}.",
                db=Option("db"),
            ) from error
        try:
            yield
        finally:
            # While it is held: who opened the file before and locks it after finds it unlinked,
            # which filelock notices. Windows refuses, and the file stays for the next time.
            with suppress(OSError):
                path.unlink()
            lock.release()
