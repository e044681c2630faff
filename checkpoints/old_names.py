"""Reading checkpoints that name the state's types as they were called before the first release.

A checkpoint names the class of each object in it by module. Until November 2026 the modules were
installed as `state.*`; a session that was interrupted then is resumed all the same.
"""

import re
from collections.abc import Mapping
from typing import Any

import ormsgpack

_KEYS = ormsgpack.OPT_NON_STR_KEYS
# A string of msgpack: its length in one byte, then its characters.
_OLD_NAME = re.compile(rb"[\xa0-\xbf]state\.[a-z]")
_RENAMED: Mapping[tuple[str, str], tuple[str, str]] = {
    ("state.making", "Making"): ("magnet.state.provenance", "Provenance"),
    ("state.making", "Usage"): ("magnet.state.provenance", "Usage"),
    ("state.director", "Said"): ("magnet.state.director", "UsedUp"),
}
# What was an object of a class and is plain text: the text stands behind the names.
_PLAIN = {("state.technique", "Technique")}


def with_new_names(data: bytes) -> bytes:
    """Return a checkpoint's msgpack with the names that its classes have today."""
    if not _OLD_NAME.search(data):
        return data
    return _packed(ormsgpack.unpackb(data, ext_hook=_rename, option=_KEYS))


def _rename(code: int, data: bytes) -> Any:
    content: Any = ormsgpack.unpackb(data, ext_hook=_rename, option=_KEYS)
    match content:
        case [str() as module, str() as name, str() as text, *_] if (module, name) in _PLAIN:
            return text
        case [str() as module, str() as name, *rest] if module.startswith("state."):
            content = [*_RENAMED.get((module, name), (f"magnet.{module}", name)), *rest]
        case _:
            pass
    return ormsgpack.Ext(code, _packed(content))


def _packed(content: Any) -> bytes:
    return ormsgpack.packb(content, option=_KEYS)
