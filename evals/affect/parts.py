"""The parts of a session: its thirds, so that feelings can be judged at the end of each."""

from dataclasses import dataclass

from magnet.evals.scales.judge_input import JudgeInput, judge_input_of
from magnet.state.session import OPENING_UTTERANCES
from magnet.store.records import Session

_PARTS = 3


@dataclass(frozen=True, slots=True)
class Part:
    """Some exchanges of a session that follow each other."""

    number: int  # from 1
    first: int  # exchange, from 1
    last: int


def parts_of(session: Session) -> list[Part]:
    """Cut a session into thirds, as even as whole exchanges allow; a very short one into fewer."""
    exchanges = session.utterances[-1].exchange if session.utterances else 0
    ends = sorted({(exchanges * number + 1) // _PARTS for number in range(1, _PARTS + 1)} - {0})
    starts = [1, *(end + 1 for end in ends)]
    cut = zip(starts, ends, strict=False)
    return [Part(number, first, last) for number, (first, last) in enumerate(cut, 1)]


def judge_input_until(session: Session, part: Part) -> JudgeInput:
    """Return what judges see of a session that ends with a part; of the last one, all of it."""
    whole = judge_input_of(session)
    if part.last == session.utterances[-1].exchange:
        return whole
    heard = OPENING_UTTERANCES + 2 * part.last
    changes = {"subject": f"{session.id}@{part.last}", "lines": whole.lines[:heard]}
    return whole.model_copy(update=changes)
