"""One process at a time may run a session.

The operating system, or PostgreSQL, lets a lock go when its process ends, however it ends.
"""

import errno
import socket
import sys
from collections.abc import AsyncGenerator, Generator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

from filelock import FileLock, Timeout
from sqlalchemy import URL

from magnet.checkpoints.errors import CheckpointError, busy, postgres_needed
from magnet.state.errors import Option

_LONGEST_NAME = 120
"""Letters of a lock's file; file systems allow 255."""


class SessionLocks(Protocol):
    """The locks on the sessions of one database."""

    def hold(self, session_id: str) -> AbstractAsyncContextManager[None]:
        """Hold the lock of a session while a block runs.

        Raises:
            SessionBusyError: Another process is running it, or another task of this one.
            LockLostError: The lock is gone while the block runs, which is canceled.
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
        yield _FileLocks(Path(url.database or ""))
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
    """A file for each session that is running, in a folder beside the database.

    Where the kernel has names that are no files, a session takes one of those as well: it holds
    even where somebody removes the folder.
    """

    def __init__(self, database: Path):
        # One lock for one file, by whatever path it is named.
        self._database = database.resolve()
        self._folder = Path(f"{self._database}.locks")

    @asynccontextmanager
    async def hold(self, session_id: str) -> AsyncGenerator[None]:
        path = self._folder / f"{_file_name(session_id)}.lock"
        lock = FileLock(path, timeout=0)
        with _kernel_name(self._database, session_id):
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
                # While it is held: who opened the file before and locks it after finds it
                # unlinked, which filelock notices. Windows refuses, and the file stays for the
                # next time.
                with suppress(OSError):
                    path.unlink()
                lock.release()


def _file_name(session_id: str) -> str:
    name = quote(session_id, safe="")
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:_LONGEST_NAME]}-{blake2b(name.encode(), digest_size=16).hexdigest()}"


@contextmanager
def _kernel_name(database: Path, session_id: str) -> Generator[None]:
    """Hold a name that is the session's on this machine, where there are such names: Linux.

    Raises:
        SessionBusyError: It is held.
    """
    if sys.platform != "linux" or not database.exists():
        yield
        return
    file = database.stat()
    place = f"{file.st_dev}/{file.st_ino}/{session_id}"
    name = b"\0magnet/" + blake2b(place.encode(), digest_size=16).hexdigest().encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as held:
        try:
            held.bind(name)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise busy(session_id) from error
            # A sandbox may allow no such sockets: the file is lock enough.
        yield
