"""The part `closing`: a session ends at the turn limit, or earlier because the client leaves."""

from collections.abc import Mapping, Sequence
from functools import partial
from random import Random
from string import Template

from magnet.nodes.director.adding import added
from magnet.nodes.director.lines import asks_about, goodbye, leave_taking, says_it_leaves
from magnet.nodes.director.part import (
    DirectorPart,
    ExchangeMoment,
    Fields,
    PartTexts,
    Wanted,
    a_text_for_each,
    switches,
)
from magnet.nodes.director.phases import closing_exchanges
from magnet.nodes.director.questions import no_question
from magnet.nodes.requirement import Requirement
from magnet.prompts import CONSTANTS
from magnet.state import (
    Affect,
    Direction,
    Farewell,
    LeaveReason,
    RiskKind,
    SessionState,
    Speaker,
    affect_of,
    direction_of,
)
from magnet.state.director import Ending
from magnet.state.languages import load_language
from magnet.state.text import ends_with_question, whole_sentences

# In how many exchanges of a hundred something in a client's day calls it away, a client that feels
# well goes, and one without trust or hope has enough. This project's own values.
_OBLIGATION, _RELIEVED, _FED_UP = 0.01, 0.08, 0.08
_WELL, _TRUSTING = 0.3, 0.5
_HOPELESS, _DISTRUSTFUL = -0.7, 0.12


def ending_of(
    state: SessionState, exchange: int, rng: Random, *, may_leave: bool = True
) -> Ending | None:
    """Return what an exchange does toward the end; none while there is time.

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


async def _decide(at: ExchangeMoment, direction: Direction) -> Fields:
    # Nobody is let go while danger has still to be asked about.
    may_leave = not direction.asks_for_safety
    rng = at.draws("closing")
    return {"ending": ending_of(at.state, at.exchange, rng, may_leave=may_leave)}


def _of_counselor(wanted: Wanted) -> list[Requirement]:
    if not wanted.direction.is_last:
        return []
    kinds = wanted.direction.risk.address if wanted.direction.risk else ()
    return [*([] if kinds else [no_question()]), _goodbye(kinds, wanted.rng)]


def _of_client(wanted: Wanted) -> list[Requirement]:
    ending = wanted.direction.ending
    if ending is None or ending.leaving is None or wanted.direction.is_last:
        return []
    return [_leave_taking(ending.leaving, wanted.rng)]


def _goodbye(kinds: Sequence[RiskKind], rng: Random) -> Requirement:
    line = goodbye(rng)
    closing_cue = load_language().speech.closing_cue

    def unanswered(sentence: str) -> bool:
        return ends_with_question(sentence) and not any(asks_about(k, sentence) for k in kinds)

    def fails(text: str) -> bool:
        asks = any(unanswered(sentence) for sentence in whole_sentences(text))
        return asks or ends_with_question(text) or not closing_cue.search(text)

    def last_resort(text: str) -> str:
        # Nobody answers any more, so what it asks goes, however little is left.
        rest = " ".join(one for one in whole_sentences(text) if not unanswered(one))
        return added(rest, line) if fails(rest) else rest

    return Requirement(
        name="goodbye",
        fails=fails,
        hint="Say goodbye, and ask nothing: these are your last words in this session.",
        last_resort=last_resort,
    )


def _leave_taking(reason: LeaveReason, rng: Random) -> Requirement:
    line = leave_taking(reason, rng)
    return Requirement(
        name="leaving",
        fails=lambda text: not says_it_leaves(text),
        hint="Say that you want to stop.",
        last_resort=partial(added, line=line),
    )


class EndingTexts(PartTexts):
    """What the counselor does toward the end."""

    summary: str
    goodbye: str
    left: str


class ClosingTexts(PartTexts):
    """What is said of it."""

    endings: EndingTexts
    may_end: str
    leaving: Mapping[LeaveReason, str]
    goodbye: str

    _complete = a_text_for_each("leaving")


def _ending(_: SessionState, direction: Direction, texts: ClosingTexts) -> str:
    ending = direction.ending
    if ending is None or ending.farewell is Farewell.ANNOUNCED:
        return ""
    if ending.farewell is Farewell.SUMMARY:
        return texts.endings.summary
    return texts.endings.left if ending.leaving else texts.endings.goodbye


def _leaving(_: SessionState, direction: Direction, texts: ClosingTexts) -> str:
    if direction.is_last:
        return texts.goodbye
    leaving = direction.ending.leaving if direction.ending else None
    return texts.leaving[leaving] if leaving else ""


def _may_end(state: SessionState, _: Direction, texts: ClosingTexts) -> str:
    return "" if switches(state).closing else Template(texts.may_end).substitute(CONSTANTS)


PART = DirectorPart(
    texts=ClosingTexts,
    words={"ending": _ending, "leaving": _leaving, "may_end": _may_end},
    decide=_decide,
    after=("risk",),
    requirements={Speaker.COUNSELOR: _of_counselor, Speaker.CLIENT: _of_client},
    ends_sessions=True,
)
