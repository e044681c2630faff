"""How a client's feelings go over the parts of a session."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from magnet.evals.affect.parts import Part, parts_of
from magnet.evals.scales.files import PACKAGED, load_scale
from magnet.evals.scales.measures import Values
from magnet.state.technique import TechniqueName
from magnet.store.records import Session

_FEELINGS = load_scale(PACKAGED / "panas.yaml").subscales
# Means of few whole scores: what lies beyond these places is the rounding of floats.
_PLACES = 12
_WORSE: Mapping[str, int] = {"positive": -1, "negative": 1}
"""The way in which a feeling of a subscale changes for the worse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What a judge said of the feelings at one moment."""

    values: Values
    """PANAS: items and subscales, points of 1 to 5."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How feelings change over a part of a session."""

    session: Session
    part: Part
    balance: float
    """Points by which positive less negative affect moves (Bradburn 1969), each the mean of its ten
    feelings; below zero is a turn for the worse."""
    feelings: Mapping[str, float]
    """Those that changed for the worse, the most first: points by which a negative one rose, or a
    positive one fell (below zero)."""
    reason: str
    """The judge's, of the feelings at the end of the part."""

    @property
    def is_worse(self) -> bool:
        """Whether feelings are worse at the end of the part than at its beginning."""
        return self.balance < 0

    @property
    def techniques(self) -> dict[int, tuple[TechniqueName, ...]]:
        """Those chosen, by exchange; an exchange for which none is recorded is left out."""
        return {
            exchange.index: exchange.selection.techniques
            for exchange in self.session.exchanges
            if exchange.selection and self.part.first <= exchange.index <= self.part.last
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How feelings go over a whole session."""

    column: str
    """What the session is shown under: its run or method."""
    session: Session
    changes: tuple[Change, ...]
    """Over each part, in order."""

    @property
    def balance(self) -> float:
        """Points by which positive less negative affect moves over the session."""
        return round(sum(change.balance for change in self.changes), _PLACES)

    @property
    def is_worse(self) -> bool:
        """Whether feelings are worse at the end of the session than before it."""
        return self.balance < 0


def course_of(column: str, session: Session, moments: Sequence[Moment]) -> Course | None:
    """Return the course of a session; none where a score that it needs is missing.

    Args:
        column: what the session is shown under.
        session: with its transcript.
        moments: before the session, and at the end of each of its parts.
    """
    balances = [_balance(moment.values) for moment in moments]
    known = [balance for balance in balances if balance is not None]
    if len(known) < len(moments):
        return None
    changes = tuple(
        Change(
            session=session,
            part=part,
            balance=round(known[number] - known[number - 1], _PLACES),
            feelings=_worse_feelings(moments[number - 1].values, moments[number].values),
            reason=moments[number].reason,
        )
        for number, part in enumerate(parts_of(session), 1)
    )
    return Course(column=column, session=session, changes=changes)


def _balance(values: Values) -> float | None:
    positive, negative = values.get("positive"), values.get("negative")
    return None if positive is None or negative is None else positive - negative


def _worse_feelings(before: Values, after: Values) -> dict[str, float]:
    worse: dict[str, float] = {}
    for subscale, way in _WORSE.items():
        for feeling in _FEELINGS[subscale]:
            begun, ended = before.get(feeling), after.get(feeling)
            if begun is not None and ended is not None and way * (ended - begun) > 0:
                worse[feeling] = ended - begun
    return dict(sorted(worse.items(), key=lambda change: -abs(change[1])))
