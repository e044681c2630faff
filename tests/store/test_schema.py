"""A database is made, migrated and recognized when it is opened."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL

import magnet.store.migrations
from magnet.store import SchemaTooNewError, SchemaTooOldError, StoreError, open_store
from magnet.store.schema import HEAD
from magnet.store.tables import Base
from tests.databases import start
from tests.store.made import a_session

OPEN = """
import asyncio, sys
from sqlalchemy import make_url
from magnet.store import open_store

async def main():
    async with open_store(make_url(sys.argv[1])) as store:
        print(len(await store.sessions.list()), "alembic" in sys.modules)

asyncio.run(main())
"""


def test_head_is_the_newest_migration():
    config = Config()
    config.set_main_option("script_location", str(Path(magnet.store.migrations.__file__).parent))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


async def test_migrations_make_the_tables_of_the_models(url: URL):
    async with open_store(url) as opened:
        differences = await opened.writer.run(
            lambda connection: compare_metadata(
                MigrationContext.configure(connection), Base.metadata
            )
        )
    assert differences == []


async def test_second_opening_needs_no_alembic(url: URL):
    async with open_store(url) as opened:
        await opened.sessions.create(a_session())
    output, errors = start(OPEN, url.render_as_string(hide_password=False)).communicate()
    assert output.split() == ["1", "False"], errors


@pytest.mark.slow
def test_processes_that_open_a_new_database_at_once_all_succeed(url: URL):
    address = url.render_as_string(hide_password=False)
    processes = [start(OPEN, address) for _ in range(4)]
    for process in processes:
        output, errors = process.communicate()
        assert output.startswith("0 "), errors


async def test_newer_database_is_left_alone(url: URL):
    async with open_store(url) as opened:
        await opened.sessions.create(a_session())
        await opened.writer.execute([("UPDATE alembic_version SET version_num = '9999'", [()])])
    with pytest.raises(SchemaTooNewError, match=r"version 9999.*knows up to .*Update it"):
        async with open_store(url):
            pass


async def test_database_from_before_the_first_release_is_refused(url: URL):
    async with open_store(url) as opened:
        await opened.sessions.create(a_session())
        await opened.writer.execute([("UPDATE alembic_version SET version_num = '0004'", [()])])
    with pytest.raises(SchemaTooOldError, match=r"version 0004.*Begin a new database.*export"):
        async with open_store(url):
            pass


async def test_file_that_is_no_database(tmp_path: Path):
    file = tmp_path / "notes.db"
    file.write_text("Dear diary, " * 100)
    with pytest.raises(StoreError, match=r"notes\.db.*no SQLite file"):
        async with open_store(file):
            pass


async def test_folder_is_made_or_the_error_names_it(tmp_path: Path):
    async with open_store(tmp_path / "new" / "folder" / "sessions.db"):
        pass
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"file/sessions\.db: its folder cannot be made"):
        async with open_store(tmp_path / "file" / "sessions.db"):
            pass
    with pytest.raises(StoreError, match="it is a folder"):
        async with open_store(tmp_path):
            pass


@pytest.mark.parametrize("where", ["mysql://host/name", "sqlite://", "://"])
async def test_database_that_cannot_be_named(where: str):
    with pytest.raises(StoreError, match=r"Expected a file, sqlite:///FILE or postgresql"):
        async with open_store(where):
            pass


async def test_unreachable_server_is_named_without_its_password():
    pytest.importorskip("psycopg")
    with pytest.raises(StoreError, match=r"user:\*\*\*@localhost:1/") as raised:
        async with open_store("postgresql://user:secret@localhost:1/name"):
            pass
    assert "secret" not in str(raised.value)


async def test_pragmas_hold_on_every_connection(tmp_path: Path):
    async with open_store(tmp_path / "sessions.db") as opened:
        await asyncio.gather(*(opened.sessions.create(a_session(f"s{n}")) for n in range(3)))
        found = await opened.writer.run(
            lambda connection: [
                connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
                for pragma in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
            ]
        )
    assert found == ["wal", 1, 30_000, 1]
    with sqlite3.connect(tmp_path / "sessions.db") as connection:
        assert connection.execute("SELECT count(*) FROM sessions").fetchone() == (3,)


@pytest.mark.parametrize("table", ["photos", "checkpoints", "sessions"])
async def test_the_database_of_another_program_is_refused_untouched(tmp_path: Path, table: str):
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE {table} (a TEXT)")
        connection.commit()
    before = path.read_bytes()
    with pytest.raises(StoreError, match=rf"another program's, with tables of its own \({table}\)"):
        async with open_store(path):
            pass
    assert path.read_bytes() == before
    assert not path.with_name("other.db-wal").exists()
