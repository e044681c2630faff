"""What can go wrong on the way in or out, each with its remedy."""

from collections.abc import Sequence

from magnet.state.errors import BadUseError, MagnetError
from magnet.state.intake_error import Problem


class ExportError(MagnetError):
    """Sessions cannot be exported: names the file and what was expected."""


class UnknownFormatError(BadUseError):
    """No format has this name; the text says which there are."""


class UnreadablePathError(BadUseError):
    """There is nothing to import at this path: names it and what was expected."""


class BrokenObjectError(ValueError):
    """An object of a file is no session: every problem, each with its field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.problems = list(problems)
