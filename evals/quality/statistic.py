"""Tallies, and the numbers that they come to: rates, percentiles, entropies, shares.

A tally says how much of each thing there is. Tallies add up, those of utterances to those of
sessions and those to a run's, so a statistic of any group of utterances needs their sum alone.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import accumulate
from math import floor, log
from typing import TypeVar

K = TypeVar("K", int, str)

Tally = Mapping[K, float]
Statistic = Callable[[Sequence[K], Sequence[float]], float]
"""Gives a number of things, in ascending order, and of how much there is of each."""

_PART, _WHOLE = "part", "whole"


def add(tallies: Iterable[Tally[K]]) -> dict[K, float]:
    """Add tallies up."""
    total: dict[K, float] = {}
    for tally in tallies:
        for thing, amount in tally.items():
            total[thing] = total.get(thing, 0.0) + amount
    return total


def part(amount: float, of: float = 1.0) -> Tally[str]:
    """Tally so much of so much: 3 sentences of 5, 41 words of 120. A flag is 0 or 1 of 1."""
    return {_PART: amount, _WHOLE: of}


def rate(things: Sequence[str], amounts: Sequence[float]) -> float:
    """Return the quotient of what `part` tallied: every utterance, sentence or word weighs
    alike.
    """
    found = dict(zip(things, amounts, strict=True))
    return found[_PART] / found[_WHOLE]


def percentile(percent: float) -> Statistic[int]:
    """Make the statistic of a percentile of tallied numbers, interpolated between neighbors."""

    def statistic(things: Sequence[int], amounts: Sequence[float]) -> float:
        ends = list(accumulate(amounts))
        place = percent / 100 * (ends[-1] - 1)
        below = _at(things, ends, floor(place))
        above = _at(things, ends, floor(place) + 1)
        return below + (place - floor(place)) * (above - below)

    return statistic


def _at(things: Sequence[int], ends: Sequence[float], place: int) -> int:
    """Return the number at a place, from 0, of all in order; the last one for any place behind."""
    return next((thing for thing, end in zip(things, ends, strict=True) if place < end), things[-1])


def normalized_entropy(categories: int) -> Statistic[str]:
    """Make the statistic of Shannon's entropy over its greatest value, the log of `categories`.

    0 is all in one category, 1 all categories alike.
    """

    def statistic(_: Sequence[str], amounts: Sequence[float]) -> float:
        total = sum(amounts)
        shares = [amount / total for amount in amounts if amount]
        return sum(share * log(1 / share) for share in shares) / log(categories)

    return statistic


def share_of_commonest(n: int) -> Statistic[str]:
    """Make the statistic of the share that the `n` commonest things have of all, together."""

    def statistic(things: Sequence[str], amounts: Sequence[float]) -> float:
        return sum(commonest(things, amounts, n).values())

    return statistic


def commonest(things: Sequence[str], amounts: Sequence[float], n: int) -> dict[str, float]:
    """Return the `n` commonest things, the commonest first, with their shares of all.

    The empty name is no thing: it counts among all, and is never among the commonest.
    """
    named = [(amount, thing) for thing, amount in zip(things, amounts, strict=True) if thing]
    named.sort(key=lambda pair: pair[0], reverse=True)
    total = sum(amounts)
    return {thing: amount / total for amount, thing in named[:n] if amount}
