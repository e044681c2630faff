"""What other distributions add to this one: their entry points, loaded when they are asked for."""

from collections.abc import Callable, Mapping
from importlib import metadata
from typing import Any


def entry_points(group: str) -> Mapping[str, Callable[[], Any]]:
    """Return the loaders of a group's entry points by name, sorted by it.

    Args:
        group: Such as `magnet.agents`.
    """
    found = sorted(metadata.entry_points(group=group), key=lambda point: point.name)
    return {point.name: point.load for point in found}
