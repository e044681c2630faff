"""Copying a session's history up to a checkpoint, as the start of another session."""

from langgraph.checkpoint.base import BaseCheckpointSaver

from magnet.checkpoints.errors import CheckpointError
from magnet.checkpoints.rows import HistoryRows, Statement, ancestors

_CHECKPOINT = "checkpoint_ns, checkpoint_id, parent_checkpoint_id, type, checkpoint, metadata"
_WRITE = "checkpoint_ns, checkpoint_id, task_id, task_path, idx, channel, type"
_OF_CHECKPOINT = "thread_id = ? AND checkpoint_ns = '' AND checkpoint_id = ?"
_COPY_CHECKPOINT = (
    f"INSERT INTO checkpoints (thread_id, {_CHECKPOINT}) SELECT ?, {_CHECKPOINT} FROM checkpoints "
    f"WHERE {_OF_CHECKPOINT}"
)
_COPY_WRITES = (
    f"INSERT INTO {{writes}} (thread_id, {_WRITE}, {{written}}) SELECT ?, {_WRITE}, {{written}} "
    f"FROM {{writes}} WHERE {_OF_CHECKPOINT}"
)


async def copy_history(
    checkpointer: BaseCheckpointSaver[str], session_id: str, checkpoint_id: str, to: str
) -> None:
    """Copy the checkpoints that lead to one, and it, to a session that has none.

    What was written after that checkpoint is left behind: the copy stands where the session stood.

    Raises:
        CheckpointError: The checkpointer is not one that `open_checkpointer` opened, or there is
            no such checkpoint.
        StoreError: Nothing was copied, since the database could not be written.
    """
    if not isinstance(checkpointer, HistoryRows):
        raise CheckpointError(
            f"{type(checkpointer).__name__} keeps no rows to copy. Use open_checkpointer."
        )
    history = {row.id: row for row in await checkpointer.checkpoint_rows(session_id)}
    if checkpoint_id not in history:
        raise CheckpointError(f"session {session_id} has no checkpoint {checkpoint_id}")
    before = list(ancestors(checkpoint_id, history))
    statements: list[Statement] = [
        (_COPY_CHECKPOINT, [(to, session_id, one) for one in (*before, checkpoint_id)]),
    ]
    if before:
        statements.append((_COPY_WRITES, [(to, session_id, one) for one in before]))
    await checkpointer.copy_values(session_id, to)
    await checkpointer.change_rows(to, statements)
