"""LangGraph's SQLite checkpointer, with writes that are committed together.

`AsyncSqliteSaver` takes one lock and makes one commit for each checkpoint and each node's writes;
with hundreds of sessions they queue behind each other. Here the rows go to a writer that commits
all that waits at once. A caller still returns only when its rows are committed, so a finished node
is as safe as before. Reading is the parent's.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import aiosqlite
from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
    get_checkpoint_metadata,
)
from langgraph.checkpoint.serde.base import SerializerProtocol
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from magnet.checkpoints.ids import keep_ids_after
from magnet.checkpoints.rows import CheckpointRow, Statement

_PUT = (
    "INSERT OR REPLACE INTO checkpoints (thread_id, checkpoint_ns, checkpoint_id, "
    "parent_checkpoint_id, type, checkpoint, metadata) VALUES (?, ?, ?, ?, ?, ?, ?)"
)
_PUT_WRITES = (
    "INSERT OR {on_conflict} INTO writes (thread_id, checkpoint_ns, checkpoint_id, task_id, "
    "task_path, idx, channel, type, value) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
# As the parent has it: errors, interrupts and the like are noted anew, results stay.
_PUT_SPECIAL_WRITES = _PUT_WRITES.format(on_conflict="REPLACE")
_PUT_TASK_WRITES = _PUT_WRITES.format(on_conflict="IGNORE")
_CHECKPOINTS = (
    "SELECT checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata FROM checkpoints "
    "WHERE thread_id = ? AND checkpoint_ns = '' ORDER BY checkpoint_id"
)
_TASKS = (
    "SELECT DISTINCT checkpoint_id, task_id FROM writes WHERE thread_id = ? AND checkpoint_ns = ''"
)
_DELETE = (
    "DELETE FROM checkpoints WHERE thread_id = ?",
    "DELETE FROM writes WHERE thread_id = ?",
)


class RowWriter(Protocol):
    """What commits rows; `store.writer.Writer` does."""

    async def write(self, statement: str, rows: Sequence[tuple[Any, ...]]) -> None:
        """Commit rows that nothing else in the queue depends on."""
        ...

    async def execute(self, statements: Sequence[Statement]) -> None:
        """Commit statements in this order, all or none."""
        ...


class GroupCommitSaver(AsyncSqliteSaver):
    """An `AsyncSqliteSaver` that writes through a `RowWriter` to the same file.

    Its rows can be changed: see `rows.HistoryRows`.
    """

    def __init__(self, conn: aiosqlite.Connection, writer: RowWriter, *, serde: SerializerProtocol):
        """Read from `conn` and write with `writer`."""
        super().__init__(conn, serde=serde)
        self.writer = writer

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Read a checkpoint; what this process makes from now on comes after it."""
        found = await super().aget_tuple(config)
        if found is not None:
            keep_ids_after(found.checkpoint["id"])
        return found

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,
    ) -> RunnableConfig:
        """Save a checkpoint; return when it is committed."""
        place = config.get("configurable", {})
        thread_id, namespace = str(place["thread_id"]), str(place["checkpoint_ns"])
        described = json.dumps(get_checkpoint_metadata(config, metadata), ensure_ascii=False)
        row = (
            thread_id,
            namespace,
            checkpoint["id"],
            place.get("checkpoint_id"),
            *self.serde.dumps_typed(checkpoint),
            described.encode("utf-8", "ignore"),
        )
        await self.writer.write(_PUT, [row])
        return {
            "configurable": {
                "thread_id": thread_id,
                "checkpoint_ns": namespace,
                "checkpoint_id": checkpoint["id"],
            }
        }

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",
    ) -> None:
        """Save what a node wrote; return when it is committed."""
        place = config.get("configurable", {})
        of_task = (
            str(place["thread_id"]),
            str(place["checkpoint_ns"]),
            str(place["checkpoint_id"]),
            task_id,
            task_path,
        )
        rows = [
            (
                *of_task,
                WRITES_IDX_MAP.get(channel, index),
                channel,
                *self.serde.dumps_typed(value),
            )
            for index, (channel, value) in enumerate(writes)
        ]
        special = all(channel in WRITES_IDX_MAP for channel, _ in writes)
        if rows:
            await self.writer.write(_PUT_SPECIAL_WRITES if special else _PUT_TASK_WRITES, rows)

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete all checkpoints of a session."""
        await self.writer.execute([(statement, [(thread_id,)]) for statement in _DELETE])

    async def checkpoint_rows(self, session_id: str) -> list[CheckpointRow]:
        """Return the checkpoints of a session, oldest first."""
        return [
            CheckpointRow.of(
                checkpoint_id,
                parent,
                self.serde.loads_typed((written_as, checkpoint)),
                json.loads(metadata),
            )
            for checkpoint_id, parent, written_as, checkpoint, metadata in await self._select(
                _CHECKPOINTS, session_id
            )
        ]

    async def writing_tasks(self, session_id: str) -> list[tuple[str, str]]:
        """Return (checkpoint id, task id) of what wrote in a session."""
        return [
            (checkpoint_id, task) for checkpoint_id, task in await self._select(_TASKS, session_id)
        ]

    async def copy_values(self, session_id: str, to: str) -> None:
        """Do nothing: here a checkpoint holds its values."""

    async def change_rows(self, session_id: str, statements: Sequence[Statement]) -> None:
        """Commit statements in this order, all or none."""
        tables = {"writes": "writes", "written": "value"}
        await self.writer.execute([(sql.format_map(tables), rows) for sql, rows in statements])

    async def _select(self, query: str, session_id: str) -> Iterable[Any]:
        async with self.lock, self.conn.execute(query, (session_id,)) as cursor:
            return await cursor.fetchall()
