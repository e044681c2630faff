"""The terminal: results go to standard output, progress and errors to standard error."""

import logging

from rich.console import Console

# Rich would break and colour lines that go into a file or a pipe; it leaves those alone itself.
# As an emoji code the side `run:cactus:` would be one.
out = Console(highlight=False, soft_wrap=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)

UNBROKEN = 1000
"""A width at which no row of a table is broken."""


def for_tables() -> Console:
    """Give the console for tables: a file or a pipe has no width to break their cells at."""
    return out if out.is_terminal else Console(highlight=False, emoji=False, width=UNBROKEN)


def show_error(text: str) -> None:
    """Print an error; what looks like markup in it is text, and a command in it stays on a line."""
    err.print("[bold red]error:[/] ", end="")
    err.print(text, markup=False, soft_wrap=True)


class _Notes(logging.Handler):
    """Prints what the rooms below the shell have to say by the way."""

    def emit(self, record: logging.LogRecord) -> None:
        err.print(f"note: {record.getMessage()}", style="yellow", markup=False, soft_wrap=True)


def show_notes() -> None:
    """Print from now on what is logged as a warning or worse."""
    logger = logging.getLogger("magnet")
    if not any(isinstance(handler, _Notes) for handler in logger.handlers):
        logger.addHandler(_Notes(logging.WARNING))
