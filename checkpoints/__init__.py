"""The checkpoints of sessions: opening, reading, pruning and copying them; one process each."""

from magnet.checkpoints.copying import copy_history
from magnet.checkpoints.errors import CheckpointError, LockLostError, SessionBusyError
from magnet.checkpoints.history import Keep, prune
from magnet.checkpoints.locks import SessionLocks, open_locks, session_lock
from magnet.checkpoints.opening import open_checkpointer
from magnet.checkpoints.rows import CheckpointRow, HistoryRows, ancestors, nodes_run

__all__ = [
    "CheckpointError",
    "CheckpointRow",
    "HistoryRows",
    "Keep",
    "LockLostError",
    "SessionBusyError",
    "SessionLocks",
    "ancestors",
    "copy_history",
    "nodes_run",
    "open_checkpointer",
    "open_locks",
    "prune",
    "session_lock",
]
