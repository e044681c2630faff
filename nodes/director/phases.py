"""Where a session stands: its phase, and the step of its plan that is at hand.

A CBT session opens with contact and an agenda, works on a problem, and ends with a summary and
something to do (J. S. Beck, Cognitive Behavior Therapy: Basics and Beyond, 3rd ed. 2021, on the
structure of sessions). The shares are this project's own.
"""

from magnet.state import Phase, SessionState, Speaker, direction_of
from magnet.state.director import Progress
from magnet.state.function_words import content_words

# The end of each phase, as a share of the exchanges before the closing ones.
_ENDS = ((Phase.OPENING, 0.12), (Phase.EXPLORATION, 0.4), (Phase.WORKING, 0.85))
_SHORT_SESSION = 4
_HEARD_ENOUGH = 0.5


def closing_exchanges(exchanges: int) -> int:
    """Give how many of a session's exchanges are for closing it: two, in a very short one, one."""
    return 2 if exchanges >= _SHORT_SESSION else 1


def phase_of(exchange: int, exchanges: int) -> Phase:
    """Give the phase of an exchange, from 1, in a session of so many."""
    before_closing = exchanges - closing_exchanges(exchanges)
    if exchange > before_closing:
        return Phase.CLOSING
    if exchange == 1:
        return Phase.OPENING
    place = _place(exchange, before_closing)
    return next((phase for phase, end in _ENDS if place < end), Phase.CONSOLIDATION)


def scheduled_step(exchange: int, exchanges: int, steps: int) -> int:
    """Give the number, from 1, of the step that an exchange is due for: all get equal time."""
    before_closing = exchanges - closing_exchanges(exchanges)
    if exchange > before_closing:
        return steps
    return 1 + int(_place(exchange, before_closing) * steps)


def progress_of(state: SessionState, exchange: int, *, closing: bool) -> Progress | None:
    """Give where the plan stands as an exchange begins; none without a plan.

    A step is left when its time is over. It is left earlier, by one step at most, once the
    counselor has said half of its content words.

    Args:
        state: the session so far.
        exchange: the exchange, from 1.
        closing: whether the session closes with this exchange or the next.
    """
    if "plan" not in state:
        return None
    steps = state["plan"].plan.steps
    due = scheduled_step(exchange, state["settings"].turn_limit // 2, len(steps))
    step = len(steps) if closing else due
    before = direction_of(state, exchange - 1)
    if before and before.progress:
        last = min(before.progress.step, len(steps))  # a fork may have a shorter plan
        done = _heard(state, steps[last - 1]) >= _HEARD_ENOUGH
        step = max(step, last, min(last + done, due + 1))
    step = min(step, len(steps))
    return Progress(step=step, heard=_heard(state, steps[step - 1]))


def _place(exchange: int, exchanges: int) -> float:
    return (exchange - 0.5) / exchanges


def _heard(state: SessionState, step: str) -> float:
    counselor = [u.text for u in state["utterances"] if u.speaker is Speaker.COUNSELOR and u.making]
    said = {word for text in counselor for word in content_words(text)}
    wanted = content_words(step)
    return round(sum(word in said for word in wanted) / len(wanted), 2) if wanted else 0.0
