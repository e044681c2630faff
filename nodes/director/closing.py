"""How a session comes to its end: at the turn limit, or earlier because the client leaves."""

from random import Random

from magnet.nodes.director.phases import closing_exchanges
from magnet.state import Affect, Farewell, LeaveReason, SessionState, affect_of, direction_of
from magnet.state.director import Ending

# In how many exchanges of a hundred something in a client's day calls it away, a client that feels
# well goes, and one without trust or hope has enough. This project's own values.
_OBLIGATION, _RELIEVED, _FED_UP = 0.01, 0.08, 0.08
_WELL, _TRUSTING = 0.3, 0.5
_HOPELESS, _DISTRUSTFUL = -0.7, 0.12


def ending_of(
    state: SessionState, exchange: int, rng: Random, *, may_leave: bool = True
) -> Ending | None:
    """Give what an exchange does towards the end; none while there is time.

    A client that is going to leave says so in one exchange, and the next one is the last.

    Args:
        state: the session so far.
        exchange: the exchange, from 1.
        rng: decides whether the client leaves early.
        may_leave: whether it can, even if it has said so.
    """
    before = direction_of(state, exchange - 1)
    said = before.ending if before else None
    if may_leave and said and said.farewell is Farewell.ANNOUNCED:
        return Ending(farewell=Farewell.GOODBYE, leaving=said.leaving)
    exchanges = state["settings"].turn_limit // 2
    left = exchanges - exchange
    if left < closing_exchanges(exchanges):
        return Ending(farewell=Farewell.SUMMARY if left else Farewell.GOODBYE)
    # The announcement and the last exchange both have to fit behind the fewest turns.
    if not may_leave or 2 * (exchange + 1) < state["settings"].min_turns:
        return None
    leaving = _leave_reason(affect_of(state, exchange), rng)
    return Ending(farewell=Farewell.ANNOUNCED, leaving=leaving) if leaving else None


def _leave_reason(affect: Affect | None, rng: Random) -> LeaveReason | None:
    drawn = rng.random()
    if drawn < _OBLIGATION:
        return LeaveReason.OBLIGATION
    if affect is None:
        return None
    if affect.valence >= _WELL and affect.trust >= _TRUSTING:
        return LeaveReason.RELIEVED if drawn < _OBLIGATION + _RELIEVED else None
    if affect.valence <= _HOPELESS or affect.trust <= _DISTRUSTFUL:
        return LeaveReason.FED_UP if drawn < _OBLIGATION + _FED_UP else None
    return None
