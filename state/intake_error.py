"""What is wrong with intake files: all of it at once, each problem with its place and remedy."""

import difflib
import reprlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from magnet.state.errors import BadUseError

# Where Pydantic's own words would name a Python type instead of what to write in the file.
_EXPECTED = {
    "missing": "a value: this field is required",
    "too_short": "at least one",
    "model_type": "fields with values",
    "string_type": "text",
    "string_unicode": "text of valid characters",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
}
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in one place.

    Args:
        file: the file or folder as the user named it.
        place: seed number and field, or line and column; empty for the file as a whole.
        found: what is there.
        expected: what belongs there, or what to do.
    """

    file: Path
    place: str
    found: str
    expected: str

    def __str__(self) -> str:
        where = f"{self.file}: {self.place}" if self.place else str(self.file)
        return f"{where}: found {self.found}; expected {self.expected}"


class ProblemsError(BadUseError):
    """What is wrong with files that a user wrote: every problem, a line for each."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.args = (problems,)  # as it was called, so that it can be pickled
        self.problems = list(problems)


class IntakeError(ProblemsError):
    """Intake files that cannot be used as they are, or a client that is not among them."""


def describe(value: object) -> str:
    """Return a value as Python writes it, cut to what fits in a message."""
    return _SHORT.repr(value)


def nearest(name: str, known: Collection[str]) -> str:
    """Suggest the known name that is most like this one, or all of them if none is."""
    alike = difflib.get_close_matches(name, known, n=1)
    return f"{alike[0]} (the nearest field)" if alike else f"one of {', '.join(known)}"


def problems_of(
    error: ValidationError,
    file: Path,
    *,
    titles: Mapping[str, str] | None = None,
    known: Collection[str] = (),
    entry: str = "seed",
) -> list[Problem]:
    """Return what Pydantic found, in the words of the file.

    Args:
        error: what validating the content of `file` raised.
        file: named in each problem.
        titles: field name -> how the file calls it, where that differs.
        known: the places that the file may hold, to suggest one for an unknown field.
        entry: what an entry of a list is called.
    """
    problems: list[Problem] = []
    for detail in error.errors(include_url=False, include_context=False):
        kind, message, value = detail["type"], detail["msg"], detail["input"]
        place = " > ".join(
            f"{entry} {part + 1}" if isinstance(part, int) else (titles or {}).get(part, part)
            for part in detail["loc"]
        )
        if kind == "extra_forbidden":
            problems.append(Problem(file, place, "an unknown field", nearest(place, known)))
            continue
        expected = _EXPECTED.get(kind, message.removeprefix("Input should be "))
        found = "nothing" if kind == "missing" else describe(value)
        problems.append(Problem(file, place, found, expected))
    return problems
