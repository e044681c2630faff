"""What a format of sessions is: how they are written, and how they are read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from magnet.store.formats.draft import Draft, Place
from magnet.store.records import Session


@dataclass(frozen=True, slots=True)
class OneFile:
    """All sessions in one file."""

    name: str
    """Its name where the user names a folder; the suffix tells whether the user named a file."""
    write: Callable[[Sequence[Session], Path], None]
    extra: str | None = None
    """The extra of this software that installs the packages which it needs."""


@dataclass(frozen=True, slots=True)
class FilePerSession:
    """A folder with a file `session_N.json` for each session; N is the place of its seed."""

    text: Callable[[Session], str]
    """A file's text; it says of itself where the session is not finished."""
    alone: Callable[[Session], str]
    """The text of a session that is asked for by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """How an object of a file that is imported becomes a session.

    The objects of a file are the one that it is, those of its list, or its lines (`.jsonl`).
    """

    expects: str
    """What an object is, with the fields that tell it: "a dialogue of CACTUS (intake_form)"."""
    is_meant: Callable[[Mapping[str, Any]], bool]
    """Whether an object is meant as one of these, be it broken or not."""
    read: Callable[[dict[str, Any], Place], Session | Draft]
    """Read an object that is meant so; raise `BrokenObjectError` with every problem. A foreign
    format's sessions are drafts: the import gives them their ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format of sessions: written, read, or both. Its name is that of its registration."""

    help: str
    """One line, in lower case and without a full stop, for the list of formats."""
    write: OneFile | FilePerSession | None = None
    reader: Reader | None = None


def one_line_each(line_of: Callable[[Session], bytes]) -> Callable[[Sequence[Session], Path], None]:
    """Return a function that writes a file with a line for each session.

    Args:
        line_of: makes a session's line, its end included.
    """

    def write(sessions: Sequence[Session], path: Path) -> None:
        with path.open("wb") as file:
            file.writelines(map(line_of, sessions))

    return write
