"""A command of `magnet step`, and how its line is read."""

import inspect
import shlex
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

import typer


def as_shell(rest: str) -> list[str]:
    """Split arguments as a shell does, without a comment behind them.

    Raises:
        typer.BadParameter: if a quotation is not closed.
    """
    try:
        return shlex.split(rest, comments=True)
    except ValueError as error:
        raise typer.BadParameter(f"{rest.strip()}: {error}") from error


def key_and_text(rest: str) -> list[str]:
    """Keep a text as it was written: an apostrophe in it opens no quotation."""
    return rest.strip().split(maxsplit=1)


@dataclass(frozen=True, slots=True)
class StepCommand:
    """A command of the walk."""

    key: str
    name: str
    arguments: str
    help: str
    do: Callable[..., Awaitable[None] | None]
    split: Callable[[str], list[str]] = as_shell
    """What makes its arguments of the rest of its line."""

    def bind(self, rest: str) -> Callable[[], Awaitable[None] | None]:
        """Return what is to be done with the rest of its line.

        Raises:
            typer.BadParameter: if that does not fit its arguments.
        """
        arguments = self.split(rest)
        given = [one for one in arguments if not self._is_option(one)]
        options = dict(one.split("=", 1) for one in arguments if self._is_option(one))
        try:
            inspect.signature(self.do).bind(*given, **options)
        except TypeError:
            usage = f"{self.name} {self.arguments}".strip()
            raise typer.BadParameter(f"expected: {usage}") from None
        return partial(self.do, *given, **options)

    def _is_option(self, argument: str) -> bool:
        return f"[{argument.partition('=')[0]}=" in self.arguments and "=" in argument
