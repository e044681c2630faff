"""`magnet export`: a session as a file that other programs read."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from magnet.cli.console import err
from magnet.cli.options import Db, settings_from
from magnet.sessions import load_session
from magnet.settings import Settings
from magnet.workspace import open_workspace
from store import SessionStatus
from store.authors_format import to_authors_format


def export(
    session: Annotated[str, typer.Argument(help="Id, or the start of one.")],
    format_: Annotated[
        Literal["magnet"], typer.Option("--format", help="magnet: the authors' JSON format.")
    ] = "magnet",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A file; default stdout.")] = None,
    db: Db = None,
) -> None:
    """Export a session in the JSON format of the MAGneT authors.

    Example: magnet export 3f9a --out session_1.json
    """
    content, finished = asyncio.run(_read(settings_from(db, None), session))
    text = json.dumps(content, ensure_ascii=False, indent=4) + "\n"
    if not finished:
        err.print("The session is not finished; this is as far as it is.")
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8")


async def _read(settings: Settings, prefix: str) -> tuple[dict[str, Any], bool]:
    async with open_workspace(settings) as workspace:
        session = await load_session(workspace, prefix)
        return to_authors_format(session), session.status is SessionStatus.FINISHED
