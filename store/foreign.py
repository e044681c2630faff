"""Refusing the database of another program, before anything is written to it."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import URL

from magnet.state.errors import Option
from magnet.store.errors import ForeignDatabaseError
from magnet.store.urls import is_sqlite, shown

_OURS = "alembic_version"
_NAMED_AT_MOST = 3


def refuse_foreign(url: URL) -> None:
    """Check that a file is new, or a database of this software; a server's tables may be shared.

    Raises:
        ForeignDatabaseError: It holds tables, and not those that this software begins with.
    """
    if not is_sqlite(url):
        return
    tables = _tables(Path(url.database or ""))
    if tables and _OURS not in tables:
        some = ", ".join(tables[:_NAMED_AT_MOST])
        more = ", ..." if len(tables) > _NAMED_AT_MOST else ""
        raise ForeignDatabaseError(
            f"database {shown(url)}: another program's, with tables of its own ({some}{more}). "
            "Nothing was written. Name another file with {db}.",
            db=Option("db"),
        )


def _tables(path: Path) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
    try:
        where = f"{path.resolve().as_uri()}?mode=ro"
        with closing(sqlite3.connect(where, uri=True)) as connection:
            return [str(name) for (name,) in connection.execute(query)]
    except (sqlite3.Error, ValueError):
        return []  # what is wrong with it is told when it is opened
