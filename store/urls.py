"""The database that a user names: a file, or the URL of one."""

from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from magnet.state.addresses import shown_url
from magnet.store.errors import StoreError

_DRIVERS = {
    "sqlite": "sqlite",
    "sqlite+aiosqlite": "sqlite",
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "postgresql+psycopg": "postgresql+psycopg",
}


def database_url(where: str | Path | URL) -> URL:
    """Return the URL of a database.

    Args:
        where: A file (`sessions.db`), `sqlite:///FILE` or `postgresql+psycopg://...`.

    Raises:
        StoreError: The URL cannot be read, or names a database that is not supported.
    """
    if isinstance(where, Path) or (isinstance(where, str) and "://" not in where):
        return URL.create("sqlite", database=str(Path(where).expanduser()))
    try:
        url = make_url(where)
    except ArgumentError:
        raise StoreError(f"database {shown_url(str(where))}: not a URL. {_EXPECTED}") from None
    if url.drivername not in _DRIVERS:
        raise StoreError(f"database {shown(url)}: {url.drivername} is not supported. {_EXPECTED}")
    url = url.set(drivername=_DRIVERS[url.drivername])
    if is_sqlite(url) and not url.database:
        raise StoreError(f"database {shown(url)}: no file is named. {_EXPECTED}")
    return url


_EXPECTED = "Expected a file, sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME."


def is_sqlite(url: URL) -> bool:
    """Return whether the database is a file."""
    return url.get_backend_name() == "sqlite"


def shown(url: URL) -> str:
    """Return the database as messages name it: the file, or the URL without secrets."""
    if is_sqlite(url) and url.database:
        return url.database
    # PostgreSQL takes a password in the query as well.
    return url.set(query={}).render_as_string(hide_password=True)
