"""The part `phases`: where a session stands, its phase, and the step of its plan that is at hand.

A CBT session opens with contact and an agenda, works on a problem, and ends with a summary and
something to do (J. S. Beck, Cognitive Behavior Therapy: Basics and Beyond, 3rd ed. 2021, on the
structure of sessions). The shares are this project's own.
"""

from collections.abc import Mapping

from magnet.nodes.director.part import (
    DirectorPart,
    ExchangeMoment,
    Fields,
    PartTexts,
    a_text_for_each,
    switches,
)
from magnet.prompts import CONSTANTS
from magnet.state import CbtTechnique, Direction, Phase, SessionState, Speaker, direction_of
from magnet.state.director import Progress, dealt_techniques, steps_wanted
from magnet.state.function_words import content_words

# The end of each phase, as a share of the exchanges before the closing ones.
_ENDS = ((Phase.OPENING, 0.12), (Phase.EXPLORATION, 0.4), (Phase.WORKING, 0.85))
_SHORT_SESSION = 4
_HEARD_ENOUGH = 0.5
_LISTS = ("First", "Second", "Third")


def closing_exchanges(exchanges: int) -> int:
    """Return how many of a session's exchanges are for closing it: two, in a very short one,
    one.
    """
    return 2 if exchanges >= _SHORT_SESSION else 1


def phase_of(exchange: int, exchanges: int) -> Phase:
    """Return the phase of an exchange, from 1, in a session of so many."""
    before_closing = exchanges - closing_exchanges(exchanges)
    if exchange > before_closing:
        return Phase.CLOSING
    if exchange == 1:
        return Phase.OPENING
    place = _place(exchange, before_closing)
    return next((phase for phase, end in _ENDS if place < end), Phase.CONSOLIDATION)


def scheduled_step(exchange: int, exchanges: int, steps: int) -> int:
    """Return the number, from 1, of the step that an exchange is due for: all get equal time."""
    before_closing = exchanges - closing_exchanges(exchanges)
    if exchange > before_closing:
        return steps
    return 1 + int(_place(exchange, before_closing) * steps)


def progress_of(state: SessionState, exchange: int, *, closing: bool) -> Progress | None:
    """Return where the plan stands as an exchange begins; none without a plan.

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
    counselor = [
        u.text for u in state["utterances"] if u.speaker is Speaker.COUNSELOR and u.provenance
    ]
    said = {word for text in counselor for word in content_words(text)}
    wanted = content_words(step)
    return round(sum(word in said for word in wanted) / len(wanted), 2) if wanted else 0.0


async def _decide(at: ExchangeMoment, direction: Direction) -> Fields:
    scheduled = phase_of(at.exchange, at.state["settings"].turn_limit // 2)
    phase = Phase.CLOSING if direction.is_last else scheduled
    closing = phase is Phase.CLOSING
    return {"phase": phase, "progress": progress_of(at.state, at.exchange, closing=closing)}


class PhasesTexts(PartTexts):
    """What is said of it, and what the planner is told."""

    phases: Mapping[Phase, str]
    deliberation: str
    steps_free: str
    techniques: Mapping[CbtTechnique, str]

    _complete = a_text_for_each("phases", "techniques")


def _phase(_: SessionState, direction: Direction, texts: PhasesTexts) -> str:
    return texts.phases[direction.phase] if direction.phase else ""


def _step(state: SessionState, direction: Direction, _: PhasesTexts) -> str:
    if direction.progress is None or "plan" not in state:
        return ""
    steps = state["plan"].plan.steps
    return steps[min(direction.progress.step, len(steps)) - 1]


def _techniques_offered(state: SessionState, _: Direction, texts: PhasesTexts) -> str:
    if not switches(state).phases:
        return CONSTANTS["cbt_techniques"]
    # In an order of the session's own: models prefer what stands first (arXiv 2309.03882).
    dealt = zip(_LISTS, dealt_techniques(state["settings"].seed), strict=True)
    return "\n".join(
        "\n".join([f"{name} list:", *(f"- {one}: {texts.techniques[one]}" for one in techniques)])
        for name, techniques in dealt
    )


def _steps_wanted(state: SessionState, _: Direction, texts: PhasesTexts) -> str:
    if not switches(state).phases:
        return texts.steps_free
    return str(steps_wanted(state["settings"].turn_limit // 2))


def _deliberation(state: SessionState, _: Direction, texts: PhasesTexts) -> str:
    return texts.deliberation if switches(state).phases else ""


PART = DirectorPart(
    texts=PhasesTexts,
    words={
        "phase": _phase,
        "step": _step,
        "techniques_offered": _techniques_offered,
        "deliberation": _deliberation,
        "steps_wanted": _steps_wanted,
    },
    decide=_decide,
    after=("closing",),
)
