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
        """The lines under the name: the state, unless a note shows that the node is done."""
        said = self.state if self.state and not (self.state == "done" and self.note) else None
        return tuple(filter(None, (said, *(self.note or "").splitlines())))
