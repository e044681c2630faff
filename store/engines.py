"""Connections to the database: an asynchronous engine to read with, one to write with."""

import json
import os
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry

from magnet.state.errors import Extra, Option
from magnet.state.waiting import SET_STATEMENT_TIMEOUT, connecting
from magnet.store.errors import StoreError
from magnet.store.urls import is_sqlite, shown

# WAL lets readers and one writer work at once; NORMAL syncs at WAL checkpoints, which survives a
# killed process (not always a power cut: SQLite then loses whole last transactions, consistently).
# The busy timeout (milliseconds) comes first, since a second process may be switching to WAL.
_PRAGMAS = ("busy_timeout=30000", "journal_mode=WAL", "synchronous=NORMAL")
_to_json = partial(json.dumps, ensure_ascii=False, separators=(",", ":"))


def write_engine(url: URL, *, foreign_keys: bool = True) -> Engine:
    """Open the engine of the one thread that writes.

    Args:
        url: As `database_url` gives it.
        foreign_keys: Off for migrations, which rebuild SQLite's tables.

    Raises:
        StoreError: The driver is not installed.
    """
    try:
        engine = create_engine(
            url,
            json_serializer=_to_json,
            pool_pre_ping=not is_sqlite(url),
            connect_args=_waits(url),
        )
    except ModuleNotFoundError as error:
        raise _missing_driver(url) from error
    if is_sqlite(url):
        pragmas = (*_PRAGMAS, f"foreign_keys={'ON' if foreign_keys else 'OFF'}")
        event.listen(engine, "connect", partial(_set_up_writer, pragmas))
        event.listen(engine, "begin", _begin_immediate)
    elif foreign_keys:
        # Migrations take the time that they take.
        event.listen(engine, "connect", _limit_statements)
    return engine


def read_engine(url: URL) -> AsyncEngine:
    """Open the engine that queries use.

    Raises:
        StoreError: The driver is not installed.
    """
    url = url.set(drivername="sqlite+aiosqlite") if is_sqlite(url) else url
    try:
        engine = create_async_engine(
            url, pool_pre_ping=not is_sqlite(url), connect_args=_waits(url)
        )
    except ModuleNotFoundError as error:
        raise _missing_driver(url) from error
    if is_sqlite(url):
        event.listen(engine.sync_engine, "connect", partial(_set_pragmas, _PRAGMAS))
    else:
        event.listen(engine.sync_engine, "connect", _limit_statements)
    return engine


def make_folder(url: URL) -> None:
    """Make the folder of the database's file, and the file, readable by its owner alone.

    Raises:
        StoreError: It cannot be made, or a folder stands in the file's place.
    """
    if not is_sqlite(url):
        return
    if Path(url.database or "").is_dir():
        raise StoreError(
            f"database {shown(url)}: it is a folder. Name a file with {{db}}.", db=Option("db")
        )
    try:
        Path(url.database or "").parent.mkdir(parents=True, exist_ok=True)
        # Transcripts are nobody else's to read. SQLite gives its other files the same mode.
        with suppress(FileExistsError):
            os.close(os.open(url.database or "", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise StoreError(
            f"database {shown(url)}: its folder cannot be made ({error.strerror}). "
            "Name another file with {db}.",
            db=Option("db"),
        ) from error


def _missing_driver(url: URL) -> StoreError:
    return StoreError(
        f"database {shown(url)}: the driver for {url.get_backend_name()} is not installed. "
        "Install it: {extra}",
        extra=Extra("postgres"),
    )


def _waits(url: URL) -> dict[str, int]:
    return {} if is_sqlite(url) else connecting(url.query)


def _limit_statements(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute(SET_STATEMENT_TIMEOUT)
    cursor.close()
    connection.commit()


def _set_pragmas(
    pragmas: Sequence[str], connection: DBAPIConnection, _record: ConnectionPoolEntry
) -> None:
    cursor = connection.cursor()
    for pragma in pragmas:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _set_up_writer(
    pragmas: Sequence[str], connection: DBAPIConnection, record: ConnectionPoolEntry
) -> None:
    # The driver begins late and deferred by itself; a transaction that reads before it writes
    # then fails at once beside a second process instead of waiting. Ours begins as a writer.
    connection.isolation_level = None
    _set_pragmas(pragmas, connection, record)


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
