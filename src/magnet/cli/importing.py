"""`magnet import`: other programs' sessions, to be looked at and evaluated beside our own."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from magnet.cli.console import err, out
from magnet.cli.options import Db, settings_from
from magnet.models.settings import Settings
from magnet.sessions.transfer import Imported, import_sessions
from magnet.sessions.workspace import open_workspace
from magnet.state.errors import FAILED
from magnet.store.formats import import_formats


def import_(
    path: Annotated[
        Path,
        typer.Argument(
            help="A .json, .jsonl or .zip file, or a folder. The formats that are read: "
            f"{', '.join(import_formats())}."
        ),
    ],
    run: Annotated[str, typer.Option("--run", help="The run that they become.")],
    method: Annotated[
        str | None,
        typer.Option("--method", help="Their method. Default: imported-FORMAT."),
    ] = None,
    db: Db = None,
) -> None:
    """Import sessions that other programs wrote, or an export as jsonl.

    The same command again imports only what is new. A file with anything wrong is left out.

    Example: magnet import magnet-sessions.zip --run published
    """
    done = asyncio.run(_import(settings_from(db, None), path, run, method))
    for problem in done.problems:
        err.print(escape(str(problem)), soft_wrap=True)
    broken = len({problem.file for problem in done.problems})
    left_out = f", {broken} files left out for what is said above" if broken else ""
    out.print(f"run {escape(run)}: {done.new} sessions imported, {done.known} known{left_out}")
    if broken:
        raise typer.Exit(FAILED)


async def _import(settings: Settings, path: Path, run: str, method: str | None) -> Imported:
    async with open_workspace(settings) as workspace:
        return await import_sessions(workspace, path, run, method=method)
