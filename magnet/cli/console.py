"""The terminal: results go to standard output, progress and errors to standard error."""

from rich.console import Console

# Rich would break and colour lines that go into a file or a pipe; it leaves those alone itself.
out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)

_UNBROKEN = 1000


def for_tables() -> Console:
    """Give the console for tables: a file or a pipe has no width to break their cells at."""
    return out if out.is_terminal else Console(highlight=False, width=_UNBROKEN)


def show_error(text: str) -> None:
    """Print an error; what looks like markup in it is text."""
    err.print("[bold red]error:[/] ", end="")
    err.print(text, markup=False)
