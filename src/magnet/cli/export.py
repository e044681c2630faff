"""`magnet export`: sessions as files that other programs read."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from magnet.cli.console import err, out
from magnet.cli.options import Db, settings_from, write_output
from magnet.evals.quality.flaws import flaw_measures
from magnet.models.settings import Settings
from magnet.sessions.transfer import find_sessions
from magnet.sessions.workspace import open_workspace
from magnet.store import Session, SessionStatus
from magnet.store.formats import (
    NOT_STATED,
    FilePerSession,
    export_formats,
    export_sessions,
    writer,
)


def export(
    name: Annotated[
        str, typer.Argument(metavar="RUN_OR_SESSION", help="A run, or the start of a session's id.")
    ],
    format_: Annotated[
        str,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help=" ".join(f"{name}: {one.help}." for name, one in export_formats().items()),
        ),
    ] = "magnet",
    to: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            help="A folder, or the file of a format that is one file. A card (README.md) lies "
            "beside. Default for one session in a format of a file a session: stdout.",
        ),
    ] = None,
    licence: Annotated[
        str, typer.Option("--licence", help="For the card, such as cc-by-4.0.")
    ] = NOT_STATED,
    unfinished: Annotated[
        bool, typer.Option("--unfinished", help="Also what is not finished; the card names it.")
    ] = False,
    db: Db = None,
) -> None:
    """Export a run or a session.

    Example: magnet export my-run --format parquet --out my-run/ --licence cc-by-4.0
    """
    how = writer(format_)
    is_run, sessions = asyncio.run(_read(settings_from(db, None), name, unfinished))
    if not is_run and isinstance(how, FilePerSession):
        _one(sessions[0], how, to)
        return
    if to is None:
        raise typer.BadParameter("name a folder: --out FOLDER", param_hint="--out")
    measures = flaw_measures(sessions)
    files = export_sessions(sessions, format_, to, licence=licence, measures=measures)
    many = "s" if len(sessions) > 1 else ""
    where = escape(str(to))
    out.print(f"{len(sessions)} session{many} in {where}; what they are: {files[-1].name}")


def _one(session: Session, how: FilePerSession, to: Path | None) -> None:
    if session.status is not SessionStatus.FINISHED:
        err.print("The session is not finished; this is as far as it is.")
    write_output(how.alone(session).encode(), to)


async def _read(settings: Settings, name: str, unfinished: bool) -> tuple[bool, list[Session]]:
    async with open_workspace(settings) as workspace:
        return await find_sessions(workspace, name, unfinished=unfinished)
