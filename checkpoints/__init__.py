"""The checkpoints of sessions: opening a checkpointer, pruning, and one process per session."""

from checkpoints.errors import CheckpointError, SessionBusyError
from checkpoints.history import Keep, prune
from checkpoints.locks import SessionLocks, open_locks, session_lock
from checkpoints.opening import open_checkpointer

__all__ = [
    "CheckpointError",
    "Keep",
    "SessionBusyError",
    "SessionLocks",
    "open_checkpointer",
    "open_locks",
    "prune",
    "session_lock",
]
