"""Many processes may open a new database at the same time."""

import asyncio
from pathlib import Path

from magnet.store.urls import database_url
from tests.databases import start

OPEN = """
import asyncio, sys
from sqlalchemy import make_url
from magnet.checkpoints import open_checkpointer
from magnet.store import open_store

async def main():
    print("ready", flush=True)
    sys.stdin.readline()
    async with open_store(make_url(sys.argv[1])) as store:
        async with open_checkpointer(store.url, store.writer):
            pass

asyncio.run(main())
"""


async def test_a_new_database_is_opened_by_several_at_once(tmp_path: Path):
    url = str(database_url(tmp_path / "new.db"))
    processes = [start(OPEN, url) for _ in range(6)]
    for process in processes:
        assert process.stdout is not None
        assert await asyncio.to_thread(process.stdout.readline) == "ready\n"
    ended = [asyncio.to_thread(process.communicate, "go\n") for process in processes]
    said = [err for _, err in await asyncio.gather(*ended)]
    assert [process.returncode for process in processes] == [0] * 6, said
