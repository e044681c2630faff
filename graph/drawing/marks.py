"""What a drawing can say about a node beyond its name."""

from dataclasses import dataclass
from typing import Literal

MarkState = Literal["done", "next", "skipped"]


@dataclass(frozen=True, slots=True)
class NodeMark:
    """How far a session got with a node, and a note of short lines under the node's name."""

    state: MarkState | None = None
    note: str | None = None

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines of the note."""
        return tuple((self.note or "").splitlines())
