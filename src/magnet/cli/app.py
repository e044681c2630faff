"""The command line's frame: the commands, and what becomes of errors.

Only the command that is asked for is imported; the others are listed from a table.
"""

import gc
import io
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Annotated, Any

import typer

from magnet.cli.group_help import ListedGroup
from magnet.cli.table import COMMANDS, GROUPS, SUMMARY, Entry


def command_line(asked: Sequence[str] | None = None) -> typer.Typer:
    """Return the command line.

    Args:
        asked: The first words of a call: only the command that they name is imported, and of the
            others there is the name and its help. None imports every command.
    """
    app = _group(SUMMARY)
    app.callback()(_before_commands)
    groups = {word: _group(help_) for word, help_ in GROUPS.items()}
    for words, entry in COMMANDS.items():
        *above, name = words.split()
        wanted = asked is None or words.split() == list(asked[: len(above) + 1])
        group = groups[above[0]] if above else app
        group.command(name, help=None if wanted else entry.help)(
            _function(entry) if wanted else _not_asked_for
        )
    for word, group in groups.items():
        app.add_typer(group, name=word)
    return app


def _group(help_: str) -> typer.Typer:
    return typer.Typer(
        name="magnet",
        help=help_,
        cls=ListedGroup,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )


def _function(entry: Entry) -> Callable[..., None]:
    module, _, function = entry.place.partition(":")
    with _lasting(f"magnet.cli.{module}") as name:
        found: Callable[..., None] = getattr(import_module(name), function)
        import_module("magnet.cli.telling").show_what_rooms_tell()
    return found


@contextmanager
def _lasting(module: str) -> Generator[str]:
    """Collect no garbage while a module is imported first, nor ever among what that makes.

    Half a million objects come and stay: looking through them time and again costs as much as
    playing a short session.
    """
    if module in sys.modules:
        yield module
        return
    gc.disable()
    try:
        yield module
    finally:
        gc.freeze()
        gc.enable()


def _not_asked_for() -> None:
    raise AssertionError("a command was called that was not asked for")


def _print_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(f"magnet {version('magnet-counseling')}")
        raise typer.Exit


def _before_commands(
    wanted: Annotated[
        bool,
        typer.Option(
            "--version", is_eager=True, callback=_print_version, help="Print the version, and exit."
        ),
    ] = False,
) -> None:
    del wanted  # its callback has printed it


def main() -> None:
    """Run the command line: exit 0 done, 1 failed, 2 bad use.

    Raises:
        BadUseError: It is called in a notebook or another running event loop.
    """
    _refuse_notebooks()
    # A terminal that lacks a letter shows a question mark, and the command goes on.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    # No option that stands before a command has a value, so that these are the command's words.
    app = command_line([word for word in sys.argv[1:] if not word.startswith("-")])
    try:
        app()
    except Exception as error:
        from magnet.cli.console import show_error
        from magnet.cli.exits import exit_code, explain, mendable

        if not isinstance(error, mendable()):
            raise
        show_error(explain(error))
        sys.exit(exit_code(error))


def _refuse_notebooks() -> None:
    if _in_event_loop() or _in_ipython():
        from magnet.state.errors import BadUseError

        raise BadUseError(
            "main() is the command line, which needs a process of its own; this is a notebook or "
            "another running event loop. Use the Python API instead: "
            "async with magnet.open_workspace(...) as workspace"
        )


# What has not been imported does not run; importing it only to ask would slow every command.
def _in_event_loop() -> bool:
    if "asyncio" not in sys.modules:
        return False
    import asyncio

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _in_ipython() -> bool:
    ipython: Any = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None
