"""One process at a time runs a session, and a killed one holds nothing."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import URL

from magnet.checkpoints import CheckpointError, SessionBusyError, open_locks, session_lock
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
    process = start(HOLD, url.render_as_string(hide_password=False), session)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    with pytest.raises(SessionBusyError, match=f"session {session}: another process is running"):
        async with session_lock(url, session):
            pass
    async with session_lock(url, "other"):
        pass
    process.kill()
    process.wait()
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
