"""`magnet step`: walking through a session, at the terminal or by a file of commands."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from magnet.cli.console import out
from magnet.cli.exits import explain, mendable
from magnet.cli.options import Db, Model, Seed, settings_from
from magnet.cli.stepping import Walk
from magnet.models.endpoints import Endpoints
from magnet.models.settings import Settings
from magnet.sessions.example_forms import default_intake
from magnet.sessions.runner import create_session, session_settings
from magnet.sessions.workspace import Workspace, open_workspace
from magnet.state import Attitude
from magnet.state.intake_choice import pick_client
from magnet.state.intake_files import read_clients
from magnet.store import Session


def step(
    session: Annotated[
        str | None, typer.Argument(help="Id, or the start of one. Default: a new session.")
    ] = None,
    commands: Annotated[
        Path | None,
        typer.Option("--commands", help="A file with a command a line, or - for standard input."),
    ] = None,
    intake: Annotated[
        Path | None, typer.Option("--intake", help="Of a new session: see 'magnet run'.")
    ] = None,
    client: Annotated[str | None, typer.Option("--client", help="Of a new session.")] = None,
    attitude: Annotated[
        Attitude | None, typer.Option("--attitude", help="Of a new session.")
    ] = None,
    method: Annotated[str | None, typer.Option("--method", help="Of a new session.")] = None,
    turns: Annotated[int | None, typer.Option("--turns", help="Of a new session.")] = None,
    seed: Seed = 0,
    model: Model = None,
    db: Db = None,
) -> None:
    """Walk through a session: one super-step at a time, back, editing, asking again, branching.

    Example: magnet step 3f9a
    """
    # While a session is looked into, none of its checkpoints is thinned out.
    settings = settings_from(
        db, model, method=method, turns=turns, keep_checkpoints="all", log_calls="full"
    )
    asyncio.run(_step(settings, session, intake, client, attitude, seed, commands))


async def _step(
    settings: Settings,
    prefix: str | None,
    intake: Path | None,
    client: str | None,
    attitude: Attitude | None,
    seed: int,
    commands: Path | None,
) -> None:
    async with open_workspace(settings) as workspace:
        if prefix is None:
            path = intake or default_intake()
            person = pick_client(read_clients(path), client=client, attitude=attitude, path=path)
            fixed = session_settings(workspace, seed=seed)
            session = await create_session(workspace, person, fixed, Endpoints(settings))
        else:
            session = await workspace.store.sessions.find(prefix)
        await _walk(workspace, session, commands)


async def _walk(workspace: Workspace, session: Session, commands: Path | None) -> None:
    lines = _typed() if commands is None else _read(commands)
    async with Walk.open(workspace, session) as walk:
        walk.show_place()
        walk.show_help()
        for line in lines:
            try:
                if not await walk.obey(line):
                    break
            except (typer.BadParameter, *mendable()) as error:
                # At a terminal the user tries something else; a script is not to go on.
                if commands is not None:
                    raise
                said = error.message if isinstance(error, typer.BadParameter) else explain(error)
                out.print(f"[red]{escape(said)}[/]")
        walk.show_next_commands()


def _read(commands: Path) -> Iterator[str]:
    if str(commands) == "-":
        return iter(sys.stdin)
    try:
        return iter(commands.read_text(encoding="utf-8").splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise typer.BadParameter(f"{commands}: {error}", param_hint="--commands") from error


def _typed() -> Iterator[str]:
    """Yield the lines that the user types, until Ctrl-D."""
    with suppress(ImportError):
        import_module("readline")  # lets input() edit its line and remember
    while True:
        try:
            yield input("> ")
        except (EOFError, KeyboardInterrupt):
            return
