"""Reading a session's state from its checkpoints."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.types import StateSnapshot

from magnet.sessions.workspace import Workspace
from magnet.state import OPENING_UTTERANCES, SessionState, Utterance
from magnet.state.errors import Command, MagnetError
from magnet.store import Session

# What the agents add to what a session began with.
_MADE = frozenset({"plan", "candidates", "selections", "directions", "affects", "end"})


class BrokenSessionError(MagnetError):
    """A session's checkpoints do not fit together."""


def config_of(session_id: str, steps: int = 25) -> RunnableConfig:
    """Return LangGraph's configuration of a session: its id is its thread's.

    Args:
        session_id: the session.
        steps: super-steps that one invocation may take.
    """
    return RunnableConfig(configurable={"thread_id": session_id}, recursion_limit=steps)


async def read_state(workspace: Workspace, session: Session) -> SessionState | None:
    """Return a session's newest state from its checkpoints; none before its first step.

    Raises:
        BrokenSessionError: They do not fit together.
    """
    snapshot = await newest_snapshot(workspace, session)
    return cast(SessionState, snapshot.values) if snapshot.values else None


async def newest_snapshot(workspace: Workspace, session: Session) -> StateSnapshot:
    """Return a session's newest checkpoint with its state, which is empty before its first step.

    Raises:
        BrokenSessionError: Its checkpoints do not fit together.
    """
    fault: Exception | None = None
    try:
        found = await workspace.graph(session.method).aget_state(config_of(session.id))
        if not found.values or _is_whole(found.values):
            return found
    except (LookupError, TypeError, ValueError) as error:
        fault = error  # LangGraph's, which reads a session only as it wrote it
    raise BrokenSessionError(
        f"session {session.id}: its checkpoints do not fit together, as when two processes have "
        "played it. Rebuild it from its log of calls, then resume it: {repair}",
        repair=Command(("repair", session.id), database=workspace.named_database),
    ) from fault


def _is_whole(values: Mapping[str, Any]) -> bool:
    said: Sequence[Utterance] = values.get("utterances", ())
    if len(said) <= OPENING_UTTERANCES and not _MADE & values.keys():
        # Just begun: what a kill left unwritten of the first step is written on resuming.
        return True
    in_order = [one.index for one in said] == list(range(len(said)))
    return bool(said) and in_order and {"client", "settings"} <= values.keys()
