"""Rebuilding a session whose checkpoints do not fit together from its log of calls.

Two processes that play one session, as a lost lock allows, write checkpoints that follow two pasts.
The log of calls holds each answer once: without checkpoints the session is played from its start,
every logged call is answered from the log, and no model is asked again for what it holds.
"""

from magnet.sessions.imported import refuse_imported
from magnet.sessions.session_state import BrokenSessionError, read_state
from magnet.sessions.workspace import Workspace
from magnet.state.errors import BadUseError
from magnet.store import Session, SessionStatus


class NothingToRepairError(BadUseError):
    """A session that has ended: its transcript is stored whole."""


async def is_broken(workspace: Workspace, session: Session) -> bool:
    """Return whether a session that has not ended cannot be read from its checkpoints."""
    if session.status is SessionStatus.FINISHED:
        return False
    try:
        await read_state(workspace, session)
    except BrokenSessionError:
        return True
    return False


async def repair_session(workspace: Workspace, session: Session) -> int:
    """Drop a session's checkpoints, so that it is resumed from its log of calls.

    What a user changed by hand in its past is in its checkpoints alone and is lost.

    Returns:
        How many calls the log holds.

    Raises:
        NothingToRepairError: The session has ended.
        ImportedError: It is imported.
        SessionBusyError: Another process is playing it.
        StoreError: The database cannot be written.
    """
    if session.status is SessionStatus.FINISHED:
        raise NothingToRepairError(f"session {session.id} has ended: its transcript is stored")
    if session.run:
        refuse_imported(await workspace.store.runs.get(session.run))
    async with workspace.locks.hold(session.id):
        await workspace.checkpointer.adelete_thread(session.id)
        await workspace.store.sessions.reopen(session.id)
    return len(await workspace.store.calls.of_session(session.id))
