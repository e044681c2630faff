"""Counting distinct n-grams exactly, 8 bytes each."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

ORDERS = (1, 2, 3)
"""Lengths of the counted n-grams; three tokens fill a key."""

_TOKEN_BITS = 21
_PENDING = 1 << 22
Keys = npt.NDArray[np.uint64]


def ngram_keys(ids: Sequence[int], n: int) -> Keys:
    """Return the n-grams of a text as keys, equal exactly where the n-grams are.

    A key holds the ids side by side, 21 bits each: nothing is hashed.

    Args:
        ids: of the text's tokens, in order.
        n: 1 to 3.

    Raises:
        ValueError: if an id does not fit into 21 bits.
    """
    tokens = np.asarray(ids, dtype=np.uint64)
    if len(tokens) and tokens.max() >> _TOKEN_BITS:
        raise ValueError(f"token id {tokens.max()}: expected at most {(1 << _TOKEN_BITS) - 1}")
    count = max(len(tokens) - n + 1, 0)
    keys = tokens[:count]
    for offset in range(1, n):
        keys = (keys << np.uint64(_TOKEN_BITS)) | tokens[offset : offset + count]
    return keys


class DistinctKeys:
    """A set of keys that takes 8 bytes a distinct key, and about twice that while it grows.

    New keys are gathered up to a fixed number, sorted, and those not known yet are put in order
    into one sorted array.
    """

    def __init__(self, pending: int = _PENDING):
        self._limit = pending
        self._pending: list[Keys] = []
        self._waiting = 0
        self._known: Keys = np.empty(0, dtype=np.uint64)

    def add(self, keys: Keys) -> None:
        """Put keys in."""
        self._pending.append(keys)
        self._waiting += len(keys)
        if self._waiting >= self._limit:
            self._sort_in()

    def __len__(self) -> int:
        self._sort_in()
        return len(self._known)

    def _sort_in(self) -> None:
        if not self._pending:
            return
        found = np.unique(np.concatenate(self._pending))
        self._pending, self._waiting = [], 0
        places = np.searchsorted(self._known, found)
        new = np.ones(len(found), dtype=np.bool_)
        inside = places < len(self._known)
        new[inside] = self._known[places[inside]] != found[inside]
        self._known = np.insert(self._known, places[new], found[new])
