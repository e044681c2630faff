"""What an import keeps beside a session lasts, also in a database from before there was a place."""

from pathlib import Path

from sqlalchemy import URL

from magnet.store import open_store
from tests.store.foreign import generated, read_one, write
from tests.store.made import a_call, a_session


async def test_imported_session_comes_back_with_its_source(url: URL, tmp_path: Path):
    session = read_one(
        write(tmp_path / "in" / "session_4.json", generated(b=1, a={"z": 1.5, "y": []}))
    )
    async with open_store(url) as store:
        await store.runs.open("old", {})
        await store.sessions.create(session)
        stored = await store.sessions.get(session.id)
    assert stored == session
    assert stored.source is not None
    assert list(stored.source.data) == list(generated(b=1, a=None))


async def test_older_database_gets_the_tables_of_today_and_keeps_what_it_holds(url: URL):
    async with open_store(url) as store:
        run = await store.runs.open("old", {"seed": 1})
        await store.sessions.create(session := a_session(run="old"))
        await store.calls.record(call := a_call())
        await store.writer.execute(
            [
                ("DROP TABLE preferences", [()]),
                ("DROP TABLE scores", [()]),
                ("ALTER TABLE calls ADD COLUMN error TEXT", [()]),
                ("ALTER TABLE runs ADD COLUMN settings_hash TEXT NOT NULL DEFAULT ''", [()]),
                ("ALTER TABLE runs ADD COLUMN status TEXT NOT NULL DEFAULT ''", [()]),
                ("ALTER TABLE runs ADD COLUMN updated TIMESTAMP", [()]),
                ("ALTER TABLE sessions DROP COLUMN source", [()]),
                ("UPDATE alembic_version SET version_num = '0001'", [()]),
            ]
        )
    async with open_store(url) as store:
        assert await store.runs.get("old") == run
        assert await store.sessions.get("s1") == session
        assert await store.calls.of_session("s1") == [call]
