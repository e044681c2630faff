"""Reading a session as it is now, whether it has ended or not."""

from dataclasses import replace

from magnet.sessions.session_state import read_state
from magnet.sessions.workspace import Workspace
from magnet.state import Utterance, exchanges_of
from magnet.state.utterance import Speaker
from magnet.store import Session, SessionStatus


async def load_session(workspace: Workspace, prefix: str) -> Session:
    """Find a session by the start of its id, with its transcript so far.

    A finished session's transcript is in the store; that of one under way is in its checkpoints.
    One that was imported on its way is in the store alone.

    Raises:
        UnknownIdError, AmbiguousIdError: if not exactly one session's id starts so.
    """
    session = await workspace.store.sessions.find(prefix)
    if session.status is SessionStatus.FINISHED:
        return session
    state = await read_state(workspace, session)
    if state is None and session.utterances:
        return session
    if state is None:
        opening = session.client.opening
        pair = ((Speaker.COUNSELOR, opening.counselor), (Speaker.CLIENT, opening.client))
        said = [Utterance(index=i, speaker=who, text=text) for i, (who, text) in enumerate(pair)]
        return replace(session, utterances=tuple(said))
    return replace(
        session,
        plan=state.get("plan"),
        utterances=tuple(state["utterances"]),
        exchanges=tuple(exchanges_of(state)),
    )
