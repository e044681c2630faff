"""What a drawing can say about a node beyond its name."""

from dataclasses import dataclass
from typing import Literal

MarkState = Literal["done", "next", "skipped"]


@dataclass(frozen=True, slots=True)
class NodeMark:
    """How far a session got with a node, and a short note printed under the node's name."""

    state: MarkState | None = None
    note: str | None = None
