"""The store: one open database, and what is kept in it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import URL

from magnet.store.calls import Calls
from magnet.store.database import Database
from magnet.store.engines import make_folder, read_engine, write_engine
from magnet.store.foreign import refuse_foreign
from magnet.store.preferences import Preferences
from magnet.store.ratings import Ratings
from magnet.store.runs import Runs
from magnet.store.schema import prepare
from magnet.store.scores import Scores
from magnet.store.sessions import Sessions
from magnet.store.urls import database_url, shown
from magnet.store.writer import Writer


class Store:
    """Runs, sessions, model calls, scores and preferences in one database."""

    def __init__(self, database: Database):
        self.url = database.url
        self.writer = database.writer
        self.runs = Runs(database)
        self.sessions = Sessions(database)
        self.calls = Calls(database)
        self.scores = Scores(database)
        self.preferences = Preferences(database)
        self.ratings = Ratings(database)


@asynccontextmanager
async def open_store(where: str | Path | URL) -> AsyncGenerator[Store]:
    """Open a database, make or migrate its tables, and close it at the end.

    Args:
        where: A file (`sessions.db`), `sqlite:///FILE` or `postgresql+psycopg://...`.

    Raises:
        ForeignDatabaseError: It is another program's.
        SchemaTooNewError: A newer version of this software wrote it.
        StoreError: It cannot be opened, or its driver is not installed.
    """
    url = database_url(where)
    make_folder(url)
    refuse_foreign(url)
    reader = read_engine(url)
    try:
        await prepare(reader, url)
        writer = Writer(write_engine(url), shown(url))
        try:
            yield Store(Database(url, reader, writer))
        finally:
            await writer.close()
    finally:
        await reader.dispose()
