"""The formats that are known by name: those that ship, and those of other distributions."""

from collections.abc import Mapping
from functools import cache

from magnet.state.plugins import plugged_in
from magnet.store.formats.authors import AUTHORS
from magnet.store.formats.cactus import CACTUS
from magnet.store.formats.chat import OPENAI, SHAREGPT
from magnet.store.formats.errors import UnknownFormatError
from magnet.store.formats.format import FilePerSession, Format, OneFile
from magnet.store.formats.jsonl import JSONL
from magnet.store.formats.parquet import PARQUET

_SHIPPED: Mapping[str, Format] = {
    "magnet": AUTHORS,
    "jsonl": JSONL,
    "sharegpt": SHAREGPT,
    "openai": OPENAI,
    "parquet": PARQUET,
    "cactus": CACTUS,
}


@cache
def formats() -> Mapping[str, Format]:
    """Return all formats by name: those that ship, and those of installed distributions.

    One of another distribution is an entry point of the group `magnet.formats`, a `Format`. The
    entry point's name is the format's.

    Raises:
        PluginError: if one of them cannot be used.
    """
    return {**_SHIPPED, **plugged_in("magnet.formats", Format, shipped=_SHIPPED)}


def export_formats() -> dict[str, Format]:
    """Return the formats that sessions can be written in, by name."""
    return {name: found for name, found in formats().items() if found.write}


def import_formats() -> dict[str, Format]:
    """Return the formats that sessions can be read from, by name."""
    return {name: found for name, found in formats().items() if found.reader}


def expected_objects() -> str:
    """Return what a file with sessions may hold, in words."""
    *others, last = (one.reader.expects for one in formats().values() if one.reader)
    return f"{', '.join(others)}, or {last}"


def writer(name: str) -> OneFile | FilePerSession:
    """Return how a format is written.

    Raises:
        UnknownFormatError: if it cannot be, naming those that can.
    """
    found = formats().get(name)
    if found is None or found.write is None:
        raise UnknownFormatError(
            f"no format to export in is named {name!r}; there are {', '.join(export_formats())}"
        )
    return found.write
