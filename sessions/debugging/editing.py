"""Changing the values of a session where it stands."""

from dataclasses import replace
from typing import Any, cast

from magnet.sessions.debugging.timeline import PointError, Timeline, read_timeline
from magnet.sessions.session_state import config_of, read_state
from magnet.sessions.workspace import Workspace
from magnet.state import SessionState, SessionUpdate, current_exchange
from magnet.store import Session, SessionStatus


async def edit_head(workspace: Workspace, session: Session, update: SessionUpdate) -> None:
    """Write values over those of a session's newest checkpoint; what runs next stays the same.

    What runs next is asked about the new values: answers that it had got to the old ones are
    dropped from the call log.

    Nobody else may be playing the session: hold its lock.

    Raises:
        PointError: if nothing has been played yet.
        StoreError: if the database cannot be written.
    """
    if not update:
        return
    timeline = await read_timeline(workspace, session)
    last_node = _last_node(timeline)
    graph = workspace.graph(session.method)
    config = config_of(session.id)
    here = await graph.aget_state(config)
    # The edit makes all of them run, those too that had answered when another one failed.
    unfinished = [task.name for task in here.tasks]
    exchange = current_exchange(cast(SessionState, here.values))
    await workspace.store.calls.drop(session.id, exchange, unfinished)
    await graph.aupdate_state(config, cast(dict[str, Any], update), as_node=last_node)
    revised = replace(
        session,
        client=update.get("client", session.client),
        settings=update.get("settings", session.settings),
    )
    if revised != session:
        await workspace.store.sessions.revise(revised)
    if session.status is SessionStatus.FINISHED:
        state = await read_state(workspace, session)
        assert state is not None
        await workspace.store.sessions.finish(session.id, state)


def _last_node(timeline: Timeline) -> str:
    """Return a node that ran last: written in its name, an update leaves what is next as it is."""
    for step in reversed(timeline.path()):
        if step.nodes:
            return step.nodes[-1]
    raise PointError(
        f"session {timeline.session.id}: nothing has been played yet. Play one step first, or "
        "begin another session with the values that you want"
    )
