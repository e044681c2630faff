"""A drawing before it has a medium: boxes, frames, routes and labels at whole-number places.

Lengths are in the unit of a `Metrics` (a character, or a pixel); x grows to the right, y downwards.
"""

from collections.abc import Callable
from dataclasses import dataclass

Point = tuple[int, int]
Caption = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics:
    """The lengths of one medium."""

    width: int
    """A group wraps its boxes to keep the drawing within this."""
    text_width: Callable[[Caption], int]
    """The widest of the lines; the first line is a name, the others are notes."""
    line: int
    padding: Point
    """Between a box's border and its text."""
    gap: Point
    """Between boxes side by side, and between a group's rows."""
    frame: Point
    """Between a group's frame and its boxes."""
    frame_title: int
    rise: int
    """Free height under a layer, before the first sideways run of a link."""
    track: int
    """Height of each sideways run between two layers."""
    drop: int
    """Free height over a layer, for arrowheads and labels."""
    lane: int
    """Between the boxes and the first back link, and between a label and the next one."""
    label: Point
    """From a link to its label: right of it, and up from where it arrives or down from above."""
    margin: int

    def label_width(self, text: str) -> int:
        """The width of a link's label, which is set like a note."""
        return self.text_width(("", text))


@dataclass(frozen=True, slots=True)
class Box:
    """One node; x and y are the upper left corner."""

    node: str
    caption: Caption
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame around a group of nodes."""

    title: str
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Route:
    """A link as vertical and horizontal pieces, from the border of a box or frame to another."""

    points: tuple[Point, ...]
    conditional: bool
    faint: bool


@dataclass(frozen=True, slots=True)
class Label:
    """The text beside a route; x and y are the start of its baseline."""

    text: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Picture:
    """All of a drawing."""

    width: int
    height: int
    boxes: list[Box]
    frames: list[Frame]
    routes: list[Route]
    labels: list[Label]
