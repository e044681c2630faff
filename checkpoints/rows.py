"""The rows of a session's history, as far as pruning looks at them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, Self, runtime_checkable

Statement = tuple[str, Sequence[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A checkpoint without its content."""

    id: str
    parent: str  # empty for the first
    step: int
    stored: frozenset[str]  # the channels whose value is in the checkpoint itself
    seen: Mapping[str, Any]  # for each node that has run: the channel versions that it saw then

    @classmethod
    def of(
        cls,
        checkpoint_id: str,
        parent: str | None,
        checkpoint: Mapping[str, Any],
        metadata: Mapping[str, Any],
    ) -> Self:
        """Take what is needed from a checkpoint as LangGraph stores it."""
        return cls(
            id=checkpoint_id,
            parent=parent or "",
            step=metadata["step"],
            stored=frozenset(checkpoint["channel_values"]),
            seen=checkpoint["versions_seen"],
        )


def ancestors(checkpoint_id: str, history: Mapping[str, CheckpointRow]) -> Iterator[str]:
    """Yield the checkpoints that lead to one, the nearest first."""
    parent = history[checkpoint_id].parent
    while parent in history:
        yield parent
        parent = history[parent].parent


def nodes_run(row: CheckpointRow, history: Mapping[str, CheckpointRow]) -> list[str]:
    """Return the nodes that ran to make a checkpoint, the last one last; none for a start or edit.

    Where checkpoints between have been pruned, they are those of several super-steps.
    """
    before: Mapping[str, Any] = history[row.parent].seen if row.parent in history else {}
    ran = [
        node
        for node, seen in row.seen.items()
        if before.get(node) != seen and not node.startswith("__")  # LangGraph's own
    ]
    # Versions rise with the super-steps, and a node has seen those of the one before its own.
    return sorted(ran, key=lambda node: max(map(str, row.seen[node].values()), default=""))


@runtime_checkable
class HistoryRows(Protocol):
    """A checkpointer whose rows can be changed.

    Statements are written for PostgreSQL's and SQLite's tables alike: `?` for a parameter,
    `{writes}` for the table of writes, and `{written}` for its column of values.
    """

    async def checkpoint_rows(self, session_id: str) -> list[CheckpointRow]:
        """Return the checkpoints of a session, oldest first."""
        ...

    async def writing_tasks(self, session_id: str) -> list[tuple[str, str]]:
        """Return (checkpoint id, task id) of what wrote in a session."""
        ...

    async def copy_values(self, session_id: str, to: str) -> None:
        """Copy the values that are stored beside the checkpoints, where there are any."""
        ...

    async def change_rows(self, session_id: str, statements: Sequence[Statement]) -> None:
        """Commit statements in this order, all or none, and drop what nothing refers to then."""
        ...
