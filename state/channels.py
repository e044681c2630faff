"""The channels of the session state, and the reducers behind them.

A `DeltaChannel` checkpoints what a super-step wrote, not the whole value again; the value is
rebuilt from the writes. A session's database so grows with its length and not with its square.
"""

from collections.abc import Hashable, Sequence
from typing import Any, Protocol, Self, TypeVar

from langgraph.channels import DeltaChannel

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


class StoredOnce(DeltaChannel[Any]):
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
