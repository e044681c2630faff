"""Errors that a user can do something about: what is wrong, and the remedy as data.

An error's text holds references in braces, `{resume}`, to what stands beside it: an option of the
operation, a command, a setting, an extra to install. Whoever shows the error words them: the
command line as flags and commands, a page as fields and buttons.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

FAILED, BAD_USE = 1, 2
INTERRUPTED = 130
"""As of a command that Ctrl-C ends anywhere else."""


@dataclass(frozen=True, slots=True)
class Option:
    """An option of the operation that was asked for: `Option("metrics")` is `--metrics`."""

    name: str
    value: str | None = None

    def __str__(self) -> str:
        return self.name if self.value is None else f"{self.name}={self.value!r}"


@dataclass(frozen=True, slots=True)
class Command:
    """A command of `magnet` that helps, in its words without quotes."""

    words: tuple[str, ...]
    database: str | None = None
    """The database that it needs to be told; none for the default one."""

    def __str__(self) -> str:
        return " ".join(("magnet", *self.words))


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting by its place in `magnet.toml`, such as `providers.vllm.base_url`."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Extra:
    """An extra of this distribution that is to be installed."""

    name: str

    def __str__(self) -> str:
        return f"the extra {self.name!r}"


Reference = Option | Command | Setting | Extra


class MagnetError(Exception):
    """What a user can mend, told with its place and the remedy.

    Args:
        text: What is wrong, with references in braces.
        references: What the braces stand for, by name.
    """

    exit_code: ClassVar[int] = FAILED
    """Exit code of a command that ends with this error: 1 failed, 2 bad use, 130 interrupted."""

    def __init__(self, text: str = "", **references: Reference) -> None:
        super().__init__(text)
        self.text = text
        self.references = references

    def worded(self, word: Callable[[Reference], str]) -> str:
        """Return the text with each reference in the words of whoever shows it."""
        if not self.references:
            return self.text
        names = "|".join(map(re.escape, self.references))
        return re.sub(rf"\{{({names})\}}", lambda m: word(self.references[m[1]]), self.text)

    def __str__(self) -> str:
        return self.worded(str)


class BadUseError(MagnetError):
    """What the user can mend in the command, its options or its files."""

    exit_code: ClassVar[int] = BAD_USE
