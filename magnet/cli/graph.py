"""`magnet graph`: draw a method's state machine."""

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from graph import build_graph, load_methods, pick_method
from graph.drawing import draw
from magnet.cli.options import settings_from, write_output


def graph(
    method: Annotated[
        str | None,
        typer.Option("--method", help="magnet, magnet-c, magnet-t, magnet-c-t, cactus, ..."),
    ] = None,
    format_: Annotated[
        Literal["mermaid", "ascii", "svg", "png"],
        typer.Option("--format", help="mermaid, ascii, svg or png."),
    ] = "ascii",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="A file; default stdout.")] = None,
) -> None:
    """Draw the agent graph of a method; needs no network.

    Example: magnet graph --method cactus --format svg --out cactus.svg
    """
    settings = settings_from(None, None, method=method)
    methods = load_methods(settings.methods_file)
    drawing = draw(build_graph(pick_method(methods, settings.method)), format_)
    data = drawing if isinstance(drawing, bytes) else f"{drawing.rstrip()}\n".encode()
    if out is None and format_ == "png" and sys.stdout.isatty():
        raise typer.BadParameter("a PNG needs a file: --out graph.png", param_hint="--format")
    write_output(data, out)
