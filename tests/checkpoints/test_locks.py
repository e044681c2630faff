"""One process at a time runs a session, and a killed one holds nothing."""

import asyncio
import shutil
import sys
import time
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest
from sqlalchemy import URL, create_engine, text

from magnet.checkpoints import (
    CheckpointError,
    LockLostError,
    SessionBusyError,
    open_locks,
    session_lock,
)
from magnet.store.urls import database_url
from tests.databases import start

HOLD = """
import asyncio, sys
from sqlalchemy import make_url
from magnet.checkpoints import session_lock

async def main():
    async with session_lock(make_url(sys.argv[1]), sys.argv[2]):
        print("held", flush=True)
        await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize("session", ["s1", "a/b: ünï %"])
async def test_another_process_holds_it_until_it_is_killed(url: URL, session: str):
    with start(HOLD, url.render_as_string(hide_password=False), session) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(SessionBusyError, match=f"session {session}: another process is run"):
            async with session_lock(url, session):
                pass
        async with session_lock(url, "other"):
            pass
        process.kill()
    await held_soon(url, session)


async def held_soon(url: URL, session: str) -> None:
    """Take the lock; PostgreSQL needs a moment to see that a connection is gone."""
    async with asyncio.timeout(10):
        while True:
            try:
                async with session_lock(url, session):
                    return
            except SessionBusyError:
                await asyncio.sleep(0.05)


async def test_two_tasks_of_one_process_exclude_each_other(url: URL):
    async with open_locks(url) as locks:
        async with locks.hold("s1"), locks.hold("s2"):
            with pytest.raises(SessionBusyError):
                async with locks.hold("s1"):
                    pass
            with pytest.raises(SessionBusyError):
                async with session_lock(url, "s2"):
                    pass
        async with locks.hold("s1"):
            pass


async def test_lock_goes_when_the_session_fails(url: URL):
    with pytest.raises(ZeroDivisionError):
        async with session_lock(url, "s1"):
            raise ZeroDivisionError
    async with session_lock(url, "s1"):
        pass


async def test_files_are_there_while_held_alone(tmp_path: Path):
    url = database_url(tmp_path / "sessions.db")
    folder = tmp_path / "sessions.db.locks"
    async with session_lock(url, "s1"):
        assert [file.name for file in folder.iterdir()] == ["s1.lock"]
    assert list(folder.iterdir()) == []


async def test_folder_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "sessions.db.locks").touch()
    with pytest.raises(CheckpointError, match=r"session s1: its lock .*sessions\.db\.locks"):
        async with session_lock(database_url(tmp_path / "sessions.db"), "s1"):
            pass


@pytest.mark.parametrize("way", [Path.symlink_to, Path.hardlink_to])
async def test_another_path_of_the_file_has_the_same_lock(tmp_path: Path, way: Any):
    (tmp_path / "sessions.db").touch()
    way(tmp_path / "other.db", tmp_path / "sessions.db")
    async with session_lock(database_url(tmp_path / "sessions.db"), "s1"):
        with pytest.raises(SessionBusyError):
            async with session_lock(database_url(tmp_path / "other.db"), "s1"):
                pass


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no files")
async def test_it_holds_when_the_folder_of_locks_is_removed(tmp_path: Path):
    (tmp_path / "sessions.db").touch()
    url = database_url(tmp_path / "sessions.db")
    with start(HOLD, str(url), "s1") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        shutil.rmtree(tmp_path / "sessions.db.locks")
        with pytest.raises(SessionBusyError):
            async with session_lock(url, "s1"):
                pass
        process.kill()
    await held_soon(url, "s1")


async def test_a_long_name_has_a_lock_of_its_own(url: URL):
    name = "研究" * 60
    async with session_lock(url, f"{name}1"), session_lock(url, f"{name}2"):
        with pytest.raises(SessionBusyError):
            async with session_lock(url, f"{name}1"):
                pass


@pytest.mark.parametrize("url", ["postgres"], indirect=True)
async def test_what_runs_under_a_lost_lock_is_stopped_at_once(url: URL):
    name = uuid4().hex
    async with open_locks(url) as locks:
        started = time.monotonic()
        with pytest.raises(LockLostError, match=f"session {name}: the connection that holds its"):
            async with locks.hold(name):
                await asyncio.to_thread(end_the_holder, url, name)
                await asyncio.sleep(30)
        assert time.monotonic() - started < 10
        with pytest.raises(LockLostError):
            async with locks.hold("s2"):
                pass
    async with session_lock(url, name):
        pass


def end_the_holder(url: URL, session: str) -> None:
    """End the connection that holds a session's lock, as an administrator or a pooler does."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        ended = connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' "
                "AND (classid::bigint << 32 | objid::bigint) "
                "= hashtextextended('magnet session ' || :session, 0)"
            ),
            {"session": session},
        ).all()
    engine.dispose()
    assert len(ended) == 1


async def test_two_tasks_that_come_at_once_exclude_each_other(url: URL):
    held = list[int]()

    async def take(number: int) -> None:
        async with locks.hold("s1"):
            held.append(number)
            await asyncio.sleep(0.2)

    async with open_locks(url) as locks:
        outcomes = await asyncio.gather(take(1), take(2), return_exceptions=True)
        assert held == [1]
        assert [type(outcome) for outcome in outcomes] == [type(None), SessionBusyError]
        async with locks.hold("s1"):
            pass


class Slow:
    """A connection whose answers have been given and are under way for a while."""

    def __init__(self, connection: Any) -> None:
        self.connection = connection

    async def execute(self, *query: Any) -> Any:
        cursor = await self.connection.execute(*query)
        await asyncio.sleep(0.1)
        return cursor


@pytest.mark.parametrize("url", ["postgres"], indirect=True)
async def test_who_is_canceled_while_taking_a_lock_leaves_none(url: URL):
    from magnet.checkpoints.advisory import AdvisoryLocks
    from magnet.checkpoints.postgres import connect

    name = uuid4().hex

    async def take() -> None:
        async with locks.hold(name):
            pass

    async with connect(url) as connection:
        locks = AdvisoryLocks(cast(Any, Slow(connection)))
        taking = asyncio.create_task(take())
        await asyncio.sleep(0.05)
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        async with session_lock(url, name):
            pass
