"""LangGraph's PostgreSQL checkpointer. Imports the driver: import it where it is used alone."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, LiteralString, TypeVar, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from psycopg import AsyncConnection, OperationalError
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool
from sqlalchemy import URL

from magnet.checkpoints.errors import CheckpointError
from magnet.checkpoints.ids import keep_ids_after
from magnet.checkpoints.rows import CheckpointRow, Statement
from magnet.checkpoints.serde import state_serializer
from magnet.state.waiting import ASK_AGAIN, SET_STATEMENT_TIMEOUT, Patience, connecting, is_gone

T = TypeVar("T")
Connection = AsyncConnection[dict[str, Any]]

_POOL = 8
_ANSWER_WITHIN = 30.0  # seconds
_WAIT_FOR_ONE = 5.0
"""Seconds until a connection of the pool is given up; it is asked for again while one waits."""
_ASK_AGAIN = 0.1  # seconds
# What it says of every try to connect is said once, by our errors.
logging.getLogger("psycopg").addHandler(logging.NullHandler())
# The number is "check"; any that other programs hardly use. Closing the connection unlocks.
_LOCK_SETUP = "SELECT pg_try_advisory_lock(x'636865636B'::bigint) AS taken"
_CHECKPOINTS = (
    "SELECT checkpoint_id, parent_checkpoint_id, checkpoint, metadata FROM checkpoints "
    "WHERE thread_id = %s AND checkpoint_ns = '' ORDER BY checkpoint_id"
)
_TASKS = (
    "SELECT DISTINCT checkpoint_id, task_id FROM checkpoint_writes "
    "WHERE thread_id = %s AND checkpoint_ns = ''"
)
# Values are stored beside the checkpoints, once for each version that some checkpoint has.
_COPY_VALUES = (
    "INSERT INTO checkpoint_blobs (thread_id, checkpoint_ns, channel, version, type, blob) "
    "SELECT %s, checkpoint_ns, channel, version, type, blob FROM checkpoint_blobs "
    "WHERE thread_id = %s AND checkpoint_ns = ''"
)
_TABLES = {"writes": "checkpoint_writes", "written": "blob"}
_DROP_UNUSED_VALUES = (
    "DELETE FROM checkpoint_blobs b WHERE b.thread_id = %s AND b.checkpoint_ns = '' "
    "AND NOT EXISTS (SELECT 1 FROM checkpoints c WHERE c.thread_id = b.thread_id "
    "AND c.checkpoint_ns = '' AND c.checkpoint -> 'channel_versions' ->> b.channel = b.version)"
)


class PostgresSaver(AsyncPostgresSaver):
    """An `AsyncPostgresSaver` whose rows can be changed. See `rows.HistoryRows`."""

    def __init__(self, pool: AsyncConnectionPool[Connection], where: str):
        """Read and write with connections of `pool`, to the database that messages name `where`."""
        super().__init__(pool, serde=state_serializer())
        self.pool = pool
        self._where = where
        self._patience = Patience()

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Store a checkpoint; a server that is restarted meanwhile is waited for."""
        put = super().aput
        return await self._patiently(partial(put, config, checkpoint, metadata, new_versions))

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Store what a task wrote; a server that is restarted meanwhile is waited for."""
        put = super().aput_writes
        await self._patiently(partial(put, config, writes, task_id, task_path))

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Read a checkpoint; what this process makes from now on comes after it."""
        found = await self._patiently(partial(super().aget_tuple, config))
        if found is not None:
            keep_ids_after(found.checkpoint["id"])
        return found

    async def checkpoint_rows(self, session_id: str) -> list[CheckpointRow]:
        """Return the checkpoints of a session, oldest first."""
        async with self.pool.connection() as connection:
            rows = await (await connection.execute(_CHECKPOINTS, (session_id,))).fetchall()
        return [CheckpointRow.of(*row.values()) for row in rows]

    async def writing_tasks(self, session_id: str) -> list[tuple[str, str]]:
        """Return (checkpoint id, task id) of what wrote in a session."""
        async with self.pool.connection() as connection:
            rows = await (await connection.execute(_TASKS, (session_id,))).fetchall()
        return [(row["checkpoint_id"], row["task_id"]) for row in rows]

    async def copy_values(self, session_id: str, to: str) -> None:
        """Copy the values that are stored beside the checkpoints."""
        async with self.pool.connection() as connection:
            await connection.execute(_COPY_VALUES, (to, session_id))

    async def change_rows(self, session_id: str, statements: Sequence[Statement]) -> None:
        """Commit statements in this order, all or none, and drop what nothing refers to then."""
        async with self.pool.connection() as connection, connection.transaction():
            async with connection.cursor() as cursor:
                for statement, rows in statements:
                    query = statement.format_map(_TABLES).replace("?", "%s")
                    await cursor.executemany(cast("LiteralString", query), rows)
            await connection.execute(_DROP_UNUSED_VALUES, (session_id,))

    async def _patiently(self, do: Callable[[], Awaitable[T]]) -> T:
        # What is done twice is the same row again.
        while True:
            if self._patience.is_over:
                raise _explain(self._where, "it does not answer")
            try:
                # The base class lets one task at a time at the pool: they do not wait in a row.
                async with asyncio.timeout(_ANSWER_WITHIN):
                    done = await do()
            except TimeoutError as error:
                raise _explain(self._where, f"no answer in {_ANSWER_WITHIN:g} s") from error
            except OperationalError as error:
                if not is_gone(error) or not self._patience.lasts():
                    raise _explain(self._where, error) from error
            else:
                self._patience.reached()
                return done
            await asyncio.sleep(ASK_AGAIN)


@asynccontextmanager
async def connect(url: URL) -> AsyncGenerator[Connection]:
    """Open one connection, which commits each statement and gives rows as mappings.

    Raises:
        CheckpointError: The server does not answer.
    """
    try:
        opened = await Connection.connect(_address(url), autocommit=True, row_factory=dict_row)
    except OperationalError as error:
        raise _explain(_shown(url), error) from error
    async with opened as connection:
        yield connection


@asynccontextmanager
async def open_saver(url: URL) -> AsyncGenerator[PostgresSaver]:
    """Open the checkpointer, its tables made or migrated."""
    async with AsyncConnectionPool(
        _address(url),
        connection_class=Connection,
        kwargs={
            "autocommit": True,
            "prepare_threshold": 0,
            "row_factory": dict_row,
        },
        configure=_limit_statements,
        max_size=_POOL,
        timeout=_WAIT_FOR_ONE,
        open=False,
    ) as pool:
        saver = PostgresSaver(pool, _shown(url))
        async with connect(url) as connection:
            await _lock_setup(connection)
            await saver.setup()
        yield saver


async def _lock_setup(connection: Connection) -> None:
    # The checkpointer's setup is a series of migrations, which two processes must not make at
    # once. Waiting inside PostgreSQL would deadlock with those that build an index concurrently:
    # they wait for every statement that has begun, this one included.
    while True:
        row = await (await connection.execute(_LOCK_SETUP)).fetchone()
        if row and row["taken"]:
            return
        await asyncio.sleep(_ASK_AGAIN)


async def _limit_statements(connection: Connection) -> None:
    await connection.execute(SET_STATEMENT_TIMEOUT)


def _explain(where: str, error: object) -> CheckpointError:
    return CheckpointError(
        f"database {where}: {str(error).strip()}. Nothing that was answered and kept is lost: "
        "check that the database is there and reachable, then resume"
    )


def _shown(url: URL) -> str:
    # PostgreSQL takes a password in the query as well.
    return url.set(query={}).render_as_string(hide_password=True)


def _address(url: URL) -> str:
    waits = {name: str(value) for name, value in connecting(url.query).items()}
    patient = url.set(drivername="postgresql").update_query_dict(waits)
    return patient.render_as_string(hide_password=False)
