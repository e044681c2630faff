"""Forking: a new session that begins where another one stood."""

from collections.abc import Sequence
from dataclasses import replace

from magnet.checkpoints import copy_history
from magnet.sessions.debugging.editing import edit_head
from magnet.sessions.debugging.timeline import Step
from magnet.sessions.runner import free_session_id
from magnet.sessions.workspace import Workspace
from magnet.state import SessionState
from magnet.state.values import document_of, update_to, with_text
from magnet.store import Session, SessionStatus
from magnet.store.records import now

Assignment = tuple[str, str]
"""The name of a value, and what a user writes in its place."""


async def fork_session(
    workspace: Workspace,
    session: Session,
    step: Step,
    *,
    assignments: Sequence[Assignment] = (),
    session_id: str | None = None,
) -> Session:
    """Store a new session with the history of another up to a step; that one stays as it is.

    Args:
        workspace: the open database.
        session: the session to fork; another process may be playing it.
        step: where the new one begins.
        assignments: values to change there, by name; see `magnet.state.values`.
        session_id: of the new session.

    Raises:
        ValueNameError: if a value cannot be set.
        SessionExistsError: if there is a session of this id.
    """
    document = document_of(step.state)
    for name, value in assignments:
        document = with_text(document, name, value)
    update = update_to(step.state, document)
    fork = replace(
        session,
        id=await free_session_id(workspace, session_id),
        run=None,
        client=update.get("client", session.client),
        settings=update.get("settings", session.settings),
        status=SessionStatus.RUNNING,
        end_reason=None,
        error=None,
        plan=None,
        utterances=(),
        exchanges=(),
        parent=session.id,
        parent_checkpoint=step.checkpoint,
        source=None,
        created=now(),
        updated=now(),
    )
    await workspace.store.sessions.create(fork)
    if _has_begun(step.state):
        await copy_history(workspace.checkpointer, session.id, step.checkpoint, fork.id)
        await edit_head(workspace, fork, update)
    return fork


def _has_begun(state: SessionState) -> bool:
    """Return whether a node has finished; before that, a session starts from its client anew."""
    return "plan" in state or len(state["utterances"]) > 2 or bool(state.get("candidates"))
