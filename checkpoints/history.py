"""Thinning out the checkpoints of a session that has finished.

The state's lists and its constant parts are `DeltaChannel`s: a checkpoint does not hold them, they
are rebuilt from what all checkpoints before it were given to write. So a checkpoint that goes
leaves those writes to the nearest one before it that stays, ordered after that one's own, which is
how LangGraph itself stores the writes of a run with `durability="exit"`. State is then rebuilt
from the same writes in the same order, and nothing is stored twice.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, get_type_hints
from uuid import NAMESPACE_OID, uuid5

from langgraph.channels import DeltaChannel
from langgraph.checkpoint.base import BaseCheckpointSaver

from magnet.checkpoints.errors import CheckpointError
from magnet.checkpoints.rows import CheckpointRow, HistoryRows, Statement, ancestors, nodes_run
from magnet.state.graph_state import SessionState

Keep = Literal["all", "exchanges", "last"]

_LAST_NODE_OF_EXCHANGE = "client"
_DELTA_CHANNELS = frozenset(
    name
    for name, hint in get_type_hints(SessionState, include_extras=True).items()
    if any(isinstance(part, DeltaChannel) for part in getattr(hint, "__metadata__", ()))
)
_CHANNEL_MARKS = ", ".join("?" for _ in _DELTA_CHANNELS)
_OF_SESSION = "thread_id = ? AND checkpoint_ns = ''"
_MOVE_WRITES = (
    "UPDATE {writes} SET checkpoint_id = ?, task_id = ?, task_path = ? || task_path "
    f"WHERE {_OF_SESSION} AND checkpoint_id = ? AND task_id = ? AND channel IN ({_CHANNEL_MARKS})"
)
_DROP_WRITES = f"DELETE FROM {{writes}} WHERE {_OF_SESSION} AND checkpoint_id = ?"
_DROP = f"DELETE FROM checkpoints WHERE {_OF_SESSION} AND checkpoint_id = ?"
_SET_PARENT = (
    f"UPDATE checkpoints SET parent_checkpoint_id = ? WHERE {_OF_SESSION} AND checkpoint_id = ?"
)


async def prune(checkpointer: BaseCheckpointSaver[str], session_id: str, keep: Keep) -> int:
    """Delete checkpoints of a session that nobody runs, in one transaction.

    The state of every checkpoint that stays reads back the same, and the session can go on.

    Args:
        checkpointer: As `open_checkpointer` gives it.
        session_id: The session.
        keep: `all` deletes nothing; `exchanges` keeps the end of each exchange; `last` the end of
            the session alone. The first checkpoint, which holds the input, and the places where
            the session branches always stay.

    Returns:
        The number of checkpoints deleted.

    Raises:
        CheckpointError: The checkpointer is not one that `open_checkpointer` opened.
        StoreError: Nothing was deleted, since the database could not be written.
    """
    if keep == "all":
        return 0
    if not isinstance(checkpointer, HistoryRows):
        raise CheckpointError(
            f"{type(checkpointer).__name__} keeps no rows to prune. Use open_checkpointer."
        )
    history = {row.id: row for row in await checkpointer.checkpoint_rows(session_id)}
    kept = _kept(history, keep)
    dropped = history.keys() - kept
    if dropped:
        tasks = await checkpointer.writing_tasks(session_id)
        statements = _statements(session_id, history, kept, tasks)
        await checkpointer.change_rows(session_id, statements)
    return len(dropped)


def _kept(history: Mapping[str, CheckpointRow], keep: Keep) -> set[str]:
    children: dict[str, list[str]] = {}
    for row in history.values():
        children.setdefault(row.parent, []).append(row.id)
    # Ids rise with time, so the newest is the one that a session goes on from.
    kept = {max(history, default="")}
    kept |= {row.id for row in history.values() if row.parent not in history}
    for parent, branches in children.items():
        if len(branches) > 1:
            # Writes that move up to where the session branches would show up in both branches.
            kept |= {parent, *branches}
    kept |= {row.id for row in history.values() if row.stored & _DELTA_CHANNELS}
    if keep == "exchanges":
        kept |= {row.id for row in history.values() if _ends_exchange(row, history)}
    return kept & history.keys()


def _ends_exchange(row: CheckpointRow, history: Mapping[str, CheckpointRow]) -> bool:
    return row.parent in history and _LAST_NODE_OF_EXCHANGE in nodes_run(row, history)


def _statements(
    session_id: str,
    history: Mapping[str, CheckpointRow],
    kept: set[str],
    tasks: Iterable[tuple[str, str]],
) -> list[Statement]:
    heirs: dict[str, str] = {}
    parents: list[tuple[str, str, str]] = []
    for checkpoint_id in kept:
        orphaned: list[str] = []
        for ancestor in ancestors(checkpoint_id, history):
            if ancestor in kept:
                heirs |= dict.fromkeys(orphaned, ancestor)
                parents.append((ancestor, session_id, checkpoint_id))
                break
            orphaned.append(ancestor)
    moves = [
        (
            heirs[source],
            # Not the task's own id: LangGraph would take the writes for those of a task that the
            # heir has still to run.
            str(uuid5(NAMESPACE_OID, f"{source} {task}")),
            f"~~{history[source].step:010d}",  # "~~" sorts after the paths of the heir's own tasks
            session_id,
            source,
            task,
            *_DELTA_CHANNELS,
        )
        for source, task in tasks
        if source in heirs
    ]
    drops = [(session_id, checkpoint_id) for checkpoint_id in history.keys() - kept]
    changes: list[Statement] = [
        (_MOVE_WRITES, moves),
        (_SET_PARENT, parents),
        (_DROP_WRITES, drops),
        (_DROP, drops),
    ]
    return [(statement, rows) for statement, rows in changes if rows]
