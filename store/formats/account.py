"""What a session cost, from the accounts that it keeps of its own making."""

from magnet.state.contents import total_usage
from magnet.state.graph_state import SessionState
from magnet.state.provenance import Usage
from magnet.store.records import Session


def account_of(session: Session) -> tuple[int, Usage]:
    """Count the model calls behind a session, and their tokens; zeros for an imported one."""
    state = SessionState(
        client=session.client,
        settings=session.settings,
        utterances=list(session.utterances),
        candidates=[c for exchange in session.exchanges for c in exchange.candidates],
        selections=[e.selection for e in session.exchanges if e.selection],
        directions=[e.direction for e in session.exchanges if e.direction],
        affects=[e.affect for e in session.exchanges if e.affect],
    )
    if session.plan:
        state["plan"] = session.plan
    return total_usage(state)
