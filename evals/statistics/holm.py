"""Several tests at once: Holm's step-down adjustment."""

from collections.abc import Mapping
from typing import TypeVar

K = TypeVar("K")


def holm(p_values: Mapping[K, float]) -> dict[K, float]:
    """Adjust the p-values of a family of tests, so that any of them may be compared with alpha.

    The chance of at least one false rejection stays under alpha whatever the tests' dependence
    (Holm 1979, Scandinavian Journal of Statistics 6).
    """
    ordered = sorted(p_values, key=lambda name: p_values[name])
    adjusted: dict[K, float] = {}
    largest = 0.0
    for rank, name in enumerate(ordered):
        largest = max(largest, min(1.0, (len(ordered) - rank) * p_values[name]))
        adjusted[name] = largest
    return {name: adjusted[name] for name in p_values}
