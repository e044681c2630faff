"""A table of typed cells that any renderer can lay out: the terminal, a page, LaTeX, a notebook."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from math import isnan
from typing import Any, Literal

from magnet.state.errors import MagnetError

Scalar = str | int | float | None
Kind = Literal["text", "count", "share", "number", "interval", "p"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, and the text that people read in its place."""

    value: Scalar
    text: str
    low: float | None = None
    """Lower bound of its interval, in a column of kind `interval`."""
    high: float | None = None
    flagged: bool = False
    """Whether it misses its aim; a renderer makes it stand out."""


Row = Sequence[Cell | Scalar]
"""A bare value is a cell that is read as `str` has it; none is an empty one."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column."""

    name: str
    kind: Kind = "text"
    note: str = ""
    """A second line of its heading."""

    @property
    def align(self) -> Literal["left", "right"]:
        """The side on which its cells stand: words on the left, numbers on the right."""
        return "left" if self.kind == "text" else "right"

    @property
    def heading(self) -> str:
        """The name, with the note on a line of its own."""
        return f"{self.name}\n{self.note}" if self.note else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Row]
    note: str = ""
    groups: Sequence[int] = ()
    """How many rows belong together, from the first row on; none: they are not parted."""

    def texts(self) -> list[list[str]]:
        """Return what people read, row by row."""
        return [[text_of(cell) for cell in row] for row in self.rows]

    def records(self) -> list[dict[str, Scalar]]:
        """Return the rows as plain dicts from the columns' names to values, not to their texts.

        A column of kind `interval` also gives `NAME low` and `NAME high`. Of columns with one name
        the second is `NAME (2)`. What is undefined (NaN) is None.
        """
        names = _distinct([column.name for column in self.columns])
        return [
            {
                name: value
                for heading, column, cell in zip(names, self.columns, row, strict=True)
                for name, value in _values(heading, column, cell)
            }
            for row in self.rows
        ]

    # pandas is no dependency, and has no types where it is absent.
    def to_pandas(self) -> Any:
        """Return the records as a `pandas.DataFrame`.

        Raises:
            MagnetError: If pandas is not installed.
        """
        try:
            pandas: Any = import_module("pandas")
        except ModuleNotFoundError as error:
            raise MagnetError(
                "a data frame needs pandas, which is not installed. Install it: pip install pandas"
            ) from error
        return pandas.DataFrame(self.records())


def columns_of(*names: str, text: int = 1, kind: Kind = "number") -> list[Column]:
    """Return columns of words followed by columns of one other kind.

    Args:
        names: Of all of them.
        text: How many at the start are words.
        kind: That of the others.
    """
    return [Column(name, "text" if i < text else kind) for i, name in enumerate(names)]


def text_of(cell: Cell | Scalar) -> str:
    """Return what people read in a cell."""
    if isinstance(cell, Cell):
        return cell.text
    return "" if cell is None else str(cell)


def _distinct(names: Sequence[str]) -> list[str]:
    counts = [names[: i + 1].count(name) for i, name in enumerate(names)]
    return [
        name if count == 1 else f"{name} ({count})"
        for name, count in zip(names, counts, strict=True)
    ]


def _values(name: str, column: Column, cell: Cell | Scalar) -> list[tuple[str, Scalar]]:
    one = cell if isinstance(cell, Cell) else Cell(cell, "")
    found: list[tuple[str, Scalar]] = [(name, one.value)]
    if column.kind == "interval":
        found += [(f"{name} low", one.low), (f"{name} high", one.high)]
    return [(key, None if isinstance(v, float) and isnan(v) else v) for key, v in found]
