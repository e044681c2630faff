"""All parts of the director, found by the names of their switches."""

from collections.abc import Mapping
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from typing import Any

from pydantic import ValidationError

from magnet.nodes.director.part import DirectorPart, switches
from magnet.prompts import PromptBook, PromptError
from magnet.state import DirectorParts, SessionState


@cache
def parts() -> Mapping[str, DirectorPart[Any]]:
    """Return the parts by name, each after those whose decisions it builds on."""
    found: dict[str, DirectorPart[Any]] = {
        name: import_module(f"{__package__}.{name}").PART for name in DirectorParts.model_fields
    }
    order = TopologicalSorter({name: part.after for name, part in found.items()}).static_order()
    return {name: found[name] for name in order}


def active_parts(state: SessionState) -> list[DirectorPart[Any]]:
    """Return the parts that are on, in the same order."""
    on = switches(state)
    return [part for name, part in parts().items() if getattr(on, name)]


@cache
def names_told() -> frozenset[str]:
    """Return the names under which prompts can see what the director says."""
    return frozenset(name for part in parts().values() for name in part.words)


def check_texts(book: PromptBook) -> None:
    """Check that `director.yaml` has what the parts say, and nothing else.

    Raises:
        PromptError: naming the file and the entry.
    """
    texts = book.director
    try:
        for part in parts().values():
            texts.read(part.texts)
    except ValidationError as error:
        raise PromptError(f"{book.director_file}: {error}") from error
    known = {name for part in parts().values() for name in part.texts.model_fields}
    if unknown := texts.entries - known:
        raise PromptError(f"{book.director_file}: {min(unknown)}: no part of the director says it")
    if different := texts.blocks.keys() ^ names_told():
        name = min(different)
        wanted = "an" if name in names_told() else "no"
        raise PromptError(f"{book.director_file}: blocks: expected {wanted} entry {name}")
