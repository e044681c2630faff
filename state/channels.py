"""The channels of the session state, and the reducers behind them.

A `DeltaChannel` checkpoints what a super-step wrote, not the whole value again; the value is
rebuilt from the writes. A session's database so grows with its length and not with its square.
"""

from collections.abc import Hashable, Sequence
from functools import cache
from typing import Any, Protocol, Self, TypeVar

from langgraph.channels import DeltaChannel
from langgraph.checkpoint.base import PendingWrite
from langgraph.types import Overwrite
from pydantic import TypeAdapter

# DeltaChannel writes its whole value again each `snapshot_frequency` updates. No session reaches
# this count, so growth stays linear; a session is read back in one walk of its checkpoints.
NO_SNAPSHOT = 1_000_000


class Keyed(Protocol):
    """An item that knows its identity in its list."""

    @property
    def key(self) -> Hashable:
        """Writing an item with a key that is already there replaces the old one."""
        ...


K = TypeVar("K", bound=Keyed)


def upsert(items: Sequence[K] | None, writes: Sequence[Sequence[K]]) -> list[K]:
    """Reducer: put each written item at the end, or in the place of the one with its key.

    Folding writes one by one or all at once gives the same list, as `DeltaChannel` requires.
    """
    by_key: dict[Hashable, K] = {item.key: item for item in items or ()}
    for write in writes:
        by_key.update((item.key, item) for item in write)
    return list(by_key.values())


def keep_last(value: Any, writes: Sequence[Any]) -> Any:
    """Reducer: the last write stands."""
    return writes[-1] if writes else value


@cache
def _adapter(typ: Any) -> TypeAdapter[Any]:
    return TypeAdapter(typ)


class StoredWrites(DeltaChannel[Any]):
    """A value that is stored as what was written to it; a write may come as plain data.

    LangGraph's server passes a user's edit on as the JSON that it was sent, and to show a thread
    it decodes what is stored into plain data. So each write is read into the channel's type.
    """

    def __init__(
        self, reducer: Any = upsert, typ: Any = None, *, snapshot_frequency: int = NO_SNAPSHOT
    ) -> None:
        super().__init__(reducer, typ, snapshot_frequency=snapshot_frequency)
        if typ is not None:
            self.typ = typ  # `DeltaChannel` leaves `list` of `list[Utterance]`

    def from_checkpoint(self, checkpoint: Any) -> Self:
        """Restore from a snapshot, which a fork begins with, or start empty."""
        restored = super().from_checkpoint(checkpoint)
        restored.value = self._read(restored.value)
        return restored

    def update(self, values: Sequence[Any]) -> bool:
        """Take what a super-step wrote.

        Raises:
            ValidationError: it is not of the channel's type.
        """
        return super().update([self._read(value) for value in values])

    def replay_writes(self, writes: Sequence[PendingWrite]) -> None:
        """Take what the super-steps before a checkpoint wrote."""
        super().replay_writes([(task, name, self._read(value)) for task, name, value in writes])

    def _read(self, written: Any) -> Any:
        if isinstance(written, Overwrite):
            return Overwrite(self._read(written.value))
        return _adapter(self.typ).validate_python(written)


class StoredOnce(StoredWrites):
    """A value that is written rarely and read at every step: stored with its write alone.

    `DeltaChannel` starts an absent value as `typ()`; a value with required fields has no such
    start, so it stays absent here until it is written.
    """

    def __init__(
        self, reducer: Any = keep_last, typ: Any = None, *, snapshot_frequency: int = NO_SNAPSHOT
    ) -> None:
        super().__init__(reducer, typ, snapshot_frequency=snapshot_frequency)

    def from_checkpoint(self, checkpoint: Any) -> Self:
        """Restore from a snapshot, or start absent and wait for the replayed writes."""
        absent = self.__class__(typ=self.ValueType, snapshot_frequency=self.snapshot_frequency)
        absent.key = self.key
        if checkpoint is absent.value:
            return absent
        return super().from_checkpoint(checkpoint)

    def update(self, values: Sequence[Any]) -> bool:
        """Take the last of the written values."""
        if not values:
            return False
        if not self.is_available():
            self.value = values[0]
        return super().update(values)
