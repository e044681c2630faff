"""What an import keeps beside a session lasts."""

from pathlib import Path

from sqlalchemy import URL

from magnet.store import open_store
from tests.store.foreign import generated, read_one, write


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
