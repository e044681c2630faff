"""What a report is made of, whatever it is written in."""

from collections.abc import Sequence
from dataclasses import dataclass

from magnet.state.table import Table
from magnet.store import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A plot."""

    title: str
    svg: str
    """An `svg` element whose texts and lines take the color of the text around it."""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of a report under a heading of its own."""

    id: str
    title: str
    text: Sequence[str] = ()
    points: Sequence[str] = ()
    tables: Sequence[Table] = ()
    figures: Sequence[Figure] = ()
    folded: Sequence[Table] = ()
    """Tables that are shown when they are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedSession:
    """A session to read: why it was chosen, and what the judge said about it."""

    session: Session
    arm: str
    place: str
    """The worst or the best of its arm, and by what."""
    scores: Sequence[tuple[str, str, str]]
    """Item, score, reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A whole report."""

    title: str
    sections: Sequence[Section]
    readings: Sequence[ReportedSession]
    no_readings: str = ""
    """Why there are none."""
