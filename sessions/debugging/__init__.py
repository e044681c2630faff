"""Looking into a session and changing its course: what `history`, `step`, `fork` and `diff` do."""

from magnet.sessions.debugging.difference import Difference, compare_sessions
from magnet.sessions.debugging.forking import fork_session
from magnet.sessions.debugging.replaying import Replay, ReplayGapError, replay_session
from magnet.sessions.debugging.rerunning import Rerun, rerun_node
from magnet.sessions.debugging.stepper import Stepper
from magnet.sessions.debugging.timeline import PointError, Step, Timeline, read_timeline

__all__ = [
    "Difference",
    "PointError",
    "Replay",
    "ReplayGapError",
    "Rerun",
    "Step",
    "Stepper",
    "Timeline",
    "compare_sessions",
    "fork_session",
    "read_timeline",
    "replay_session",
    "rerun_node",
]
