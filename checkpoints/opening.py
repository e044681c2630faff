"""Opening the checkpointer that belongs to a database."""

import sqlite3
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import aiosqlite
from langgraph.checkpoint.base import BaseCheckpointSaver
from sqlalchemy import URL

from magnet.checkpoints.errors import CheckpointError, postgres_needed
from magnet.checkpoints.group_commit import GroupCommitSaver, RowWriter
from magnet.checkpoints.serde import state_serializer
from magnet.state.errors import Option

# The busy timeout, in milliseconds, comes first: a second process may be setting the file up.
_PRAGMAS = ("busy_timeout=30000", "synchronous=NORMAL")


@asynccontextmanager
async def open_checkpointer(
    url: URL, writer: RowWriter
) -> AsyncGenerator[BaseCheckpointSaver[str]]:
    """Open the checkpointer of a database, and close it at the end.

    Args:
        url: The database, `store.url` of an open store: SQLite's file or PostgreSQL.
        writer: `store.writer` of that store. A SQLite file then has one writer, which commits the
            log of a node's calls and its checkpoint together. PostgreSQL's checkpointer writes for
            itself.

    Raises:
        CheckpointError: What PostgreSQL needs is not installed.
    """
    if url.get_backend_name() != "sqlite":
        with postgres_needed(url):
            from magnet.checkpoints.postgres import open_saver
        async with open_saver(url) as saver:
            yield saver
        return
    async with aiosqlite.connect(url.database or "") as connection:
        saver = GroupCommitSaver(connection, writer, serde=state_serializer())
        try:
            for pragma in _PRAGMAS:
                await connection.execute(f"PRAGMA {pragma}")
            await _set_up(saver)
        except sqlite3.Error as error:
            raise CheckpointError(
                f"database {url.database}: {error}. Free some space, or name another with {{db}}",
                db=Option("db"),
            ) from error
        yield saver


async def _set_up(saver: GroupCommitSaver) -> None:
    try:
        await saver.setup()
    except sqlite3.OperationalError as error:
        # LangGraph looks for a column and adds it in two steps; a second process that opens a new
        # database in between adds it first, and looking again finds it.
        if "duplicate column" not in str(error):
            raise
        await saver.setup()
