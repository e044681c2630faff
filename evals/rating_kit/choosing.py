"""Which pairs a kit asks about, and which session of a pair stands on which side."""

from collections.abc import Sequence
from itertools import chain, zip_longest
from random import Random

from magnet.evals.preference.pairing import Pair
from magnet.state.attitude import Attitude
from magnet.store.records import Session

Placed = tuple[Session, Session]
"""The left session and the right one."""


def choose_pairs(pairs: Sequence[Pair], count: int, rng: Random) -> list[Pair]:
    """Draw up to `count` pairs in random order, from the attitudes as evenly as there are pairs."""
    by_attitude = [[p for p in pairs if p.attitude is attitude] for attitude in Attitude]
    for found in by_attitude:
        rng.shuffle(found)
    in_turns = chain.from_iterable(zip_longest(*by_attitude))
    chosen = [pair for pair in in_turns if pair is not None][:count]
    rng.shuffle(chosen)
    return chosen


def place_sides(pairs: Sequence[Pair], rng: Random) -> list[Placed]:
    """Put side A on the left in half of the pairs, drawn at random; of an odd one out, either."""
    lefts = [place % 2 == 0 for place in range(len(pairs))]
    if len(pairs) % 2:
        lefts[-1] = rng.random() < 0.5
    rng.shuffle(lefts)
    return [
        (pair.a, pair.b) if left else (pair.b, pair.a)
        for pair, left in zip(pairs, lefts, strict=True)
    ]
