"""`magnet graph`: draw a method's state machine, or the path of a session through it."""

import asyncio
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from magnet.cli.options import Db, settings_from, write_output
from magnet.graph import build_graph, load_methods, pick_method
from magnet.graph.drawing import draw
from magnet.models.settings import Settings
from magnet.sessions.path import find_path
from magnet.sessions.reading import load_session
from magnet.sessions.workspace import open_workspace

Format = Literal["mermaid", "ascii", "svg", "png"]


def graph(
    method: Annotated[
        str | None,
        typer.Option("--method", help="magnet, magnet-c, magnet-t, magnet-c-t, cactus, ..."),
    ] = None,
    session: Annotated[
        str | None,
        typer.Option("--session", help="The path of this session: its id, or the start of one."),
    ] = None,
    format_: Annotated[
        Format, typer.Option("--format", help="mermaid, ascii, svg or png.")
    ] = "ascii",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A file; default stdout.")] = None,
    db: Db = None,
) -> None:
    """Draw the agent graph of a method; needs no network.

    With --session: what it ran, how often, and what that cost; faint what it did not take.

    Example: magnet graph --session 3f9a --format svg --out path.svg
    """
    if session is not None and method is not None:
        raise typer.BadParameter("a session has a method of its own", param_hint="--method")
    if out is None and format_ == "png" and sys.stdout.isatty():
        raise typer.BadParameter("a PNG needs a file: --out graph.png", param_hint="--format")
    settings = settings_from(db, None, method=method)
    if session is None:
        methods = load_methods(settings.methods_file)
        drawing = draw(build_graph(pick_method(methods, settings.method)), format_)
    else:
        drawing = asyncio.run(_draw_path(settings, session, format_))
    data = drawing if isinstance(drawing, bytes) else f"{drawing.rstrip()}\n".encode()
    write_output(data, out)


async def _draw_path(settings: Settings, prefix: str, format_: Format) -> str | bytes:
    async with open_workspace(settings) as workspace:
        session = await load_session(workspace, prefix)
        path = await find_path(workspace, session)
        graph = workspace.graph(session.method)
        return draw(graph, format_, marks=path.marks, taken=path.taken)
