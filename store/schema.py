"""The version of the database's tables, and bringing an older database up to it.

Opening compares the stored version with `HEAD`; only a database that differs pays for Alembic.
"""

import asyncio
from pathlib import Path
from typing import cast

from sqlalchemy import URL, Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from magnet.state.errors import Option
from magnet.store.engines import write_engine
from magnet.store.errors import SchemaTooNewError, SchemaTooOldError, explain
from magnet.store.urls import is_sqlite, shown

HEAD = "0005"  # the newest revision in store/migrations/versions
_VERSION_TABLE = "alembic_version"
_MIGRATIONS = Path(__file__).parent / "migrations"
_POSTGRES_LOCK = 0x6D61676E6574  # "magnet"; any number that other programs hardly use


async def prepare(reader: AsyncEngine, url: URL) -> None:
    """Make the tables, or bring them up to date, where they are not.

    Args:
        reader: The reading engine of `url`.
        url: As `database_url` gives it.

    Raises:
        SchemaTooNewError: A newer version of this software wrote the database.
        SchemaTooOldError: A version from before the first release wrote it.
        StoreError: The database cannot be read or written.
    """
    try:
        async with reader.connect() as connection:
            version = await connection.run_sync(_version)
        if version != HEAD:
            await asyncio.to_thread(_upgrade, url)
    except SQLAlchemyError as error:
        raise explain(error, shown(url)) from error


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table(_VERSION_TABLE):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {_VERSION_TABLE}")).scalar()
    return cast("str | None", found)


def _upgrade(url: URL) -> None:
    # Alembic takes a third of a second to import, which no other start should pay.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    engine = write_engine(url, foreign_keys=False)
    try:
        # One transaction holds the lock: a process that opens meanwhile waits, then finds it done.
        with engine.begin() as connection:
            if not is_sqlite(url):
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_POSTGRES_LOCK})"))
            version = _version(connection)
            # Revisions count up from the first release's.
            if version is not None and version < min(known):
                raise SchemaTooOldError(
                    f"database {shown(url)}: its tables have version {version}, from before the "
                    f"first release, whose tables have version {min(known)}. Begin a new database; "
                    "to keep the sessions of this one, export them with the checkout that made it."
                )
            if version is not None and version not in known:
                raise SchemaTooNewError(
                    f"database {shown(url)}: its tables have version {version}, this software "
                    f"knows up to {HEAD}. Update it (pip install --upgrade magnet-counseling), "
                    "or name another database with {db}.",
                    db=Option("db"),
                )
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
