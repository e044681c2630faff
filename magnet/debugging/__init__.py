"""Looking into a session and changing its course: what `history`, `step`, `fork` and `diff` do."""

from magnet.debugging.difference import Difference, compare_sessions
from magnet.debugging.forking import fork_session
from magnet.debugging.replaying import Replay, ReplayGapError, replay_session
from magnet.debugging.rerunning import Rerun, rerun_node
from magnet.debugging.stepper import Stepper
from magnet.debugging.timeline import PointError, Step, Timeline, read_timeline

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
