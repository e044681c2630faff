"""What other distributions add to this one: their entry points, loaded when they are asked for."""

from collections.abc import Callable, Collection, Mapping
from importlib import metadata
from itertools import pairwise
from typing import Any, TypeVar

from magnet.state.errors import BadUseError

T = TypeVar("T")


class PluginError(BadUseError):
    """An entry point of another distribution cannot be used: names both."""


def entry_points(group: str) -> Mapping[str, Callable[[], Any]]:
    """Return the loaders of a group's entry points by name, sorted by it.

    Args:
        group: Such as `magnet.agents`.

    Raises:
        PluginError: If two distributions have one of the same name.
    """
    found = sorted(metadata.entry_points(group=group), key=lambda point: point.name)
    for one, other in pairwise(found):
        if one.name == other.name and one.value != other.value:
            raise PluginError(
                f"entry point {one.name!r} of {group}: two distributions have one of this name, "
                f"{one.value} and {other.value}. Uninstall one of them"
            )
    return {point.name: point.load for point in found}


def plugged_in(group: str, kind: type[T], *, shipped: Collection[str] = ()) -> dict[str, T]:
    """Return what other distributions add to a group, by the names of their entry points.

    An entry point is an object of the kind, or a function that returns one.

    Args:
        group: Such as `magnet.formats`.
        kind: What each of them is.
        shipped: Names that are taken.

    Raises:
        PluginError: If one cannot be loaded, is of another kind, or has a name that is taken or
            that two have.
    """
    return {
        name: _load(f"entry point {name!r} of {group}", load, kind, taken=name in shipped)
        for name, load in entry_points(group).items()
    }


def _load(what: str, load: Callable[[], Any], kind: type[T], *, taken: bool) -> T:
    if taken:
        raise PluginError(f"{what}: the name is taken by what ships. Rename it, or uninstall it")
    try:
        found: object = load()
        if not isinstance(found, kind) and callable(found):
            found = found()
    except Exception as error:  # foreign code may raise anything
        raise PluginError(
            f"{what}: cannot be loaded ({type(error).__name__}: {error}). Mend or uninstall the "
            "distribution that it is from"
        ) from error
    if not isinstance(found, kind):
        raise PluginError(f"{what}: expected a {kind.__name__}, found {found!r}")
    return found
