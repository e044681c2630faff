"""The project's own format: a session a line, with all that the store keeps of it."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError
from pydantic_core import to_json

from magnet.state.intake_error import Problem, describe
from magnet.store.formats.draft import Place
from magnet.store.formats.errors import BrokenObjectError
from magnet.store.formats.format import Format, OneFile, Reader, one_line_each
from magnet.store.records import Session

_FORMAT = "magnet-session-1"
_SESSION = TypeAdapter(Session)


def is_own(data: Mapping[str, Any]) -> bool:
    """Return whether an object is meant as a line of this format."""
    return "format" in data


def to_line(session: Session) -> bytes:
    """Write a session as one line, its end included."""
    return to_json({"format": _FORMAT, **_SESSION.dump_python(session, mode="json")}) + b"\n"


def read_line(data: Mapping[str, Any], place: Place) -> Session:
    """Read a session back, equal to the one that was written.

    Raises:
        BrokenObjectError: with every problem of its fields.
    """
    if data["format"] != _FORMAT:
        found = describe(data["format"])
        expected = f"{_FORMAT!r}; a newer version of this software may read it"
        raise BrokenObjectError([Problem(place.file, place.field("format"), found, expected)])
    try:
        return _SESSION.validate_python({k: v for k, v in data.items() if k != "format"})
    except ValidationError as error:
        raise BrokenObjectError(
            [
                Problem(
                    place.file,
                    place.field(*detail["loc"]),
                    "nothing" if detail["type"] == "missing" else describe(detail["input"]),
                    detail["msg"],
                )
                for detail in error.errors(include_url=False, include_context=False)
            ]
        ) from error


JSONL = Format(
    help="everything that is kept of a session, to be imported again",
    write=OneFile("sessions.jsonl", one_line_each(to_line)),
    reader=Reader(expects="a line of an export as jsonl", is_meant=is_own, read=read_line),
)
