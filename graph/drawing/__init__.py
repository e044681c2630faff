"""Drawing a compiled graph, with no network and no browser: Mermaid, ASCII, SVG or PNG."""

from collections.abc import Collection, Mapping
from typing import Any, Literal, overload

from langgraph.graph.state import CompiledStateGraph

from magnet.graph.drawing.marks import MarkState, NodeMark
from magnet.graph.drawing.mermaid import Step, draw_mermaid
from magnet.graph.drawing.rendering import render_ascii, render_png, render_svg

__all__ = ["MarkState", "NodeMark", "Step", "draw"]

Compiled = CompiledStateGraph[Any, Any, Any, Any]


@overload
def draw(
    graph: Compiled,
    format: Literal["png"],
    *,
    marks: Mapping[str, NodeMark] = {},
    taken: Collection[Step] | None = None,
) -> bytes: ...
@overload
def draw(
    graph: Compiled,
    format: Literal["mermaid", "ascii", "svg"],
    *,
    marks: Mapping[str, NodeMark] = {},
    taken: Collection[Step] | None = None,
) -> str: ...
def draw(
    graph: Compiled,
    format: Literal["mermaid", "ascii", "svg", "png"],
    *,
    marks: Mapping[str, NodeMark] = {},
    taken: Collection[Step] | None = None,
) -> str | bytes:
    """Draw a graph; SVG and PNG stand alone.

    Args:
        graph: a compiled graph.
        format: what to draw it as.
        marks: what to say about nodes.
        taken: the edges that a session went along; the others are drawn faint. None draws all
            edges alike.

    Raises:
        ValueError: a mark names a node that the graph does not have.
    """
    shape = graph.get_graph()
    unknown = sorted(marks.keys() - shape.nodes.keys())
    if unknown:
        raise ValueError(
            f"marks: no node {', '.join(unknown)} in this graph; "
            f"expected one of {', '.join(shape.nodes)}"
        )
    text = draw_mermaid(shape, marks, taken, listed=format == "ascii")
    match format:
        case "mermaid":
            return text
        case "ascii":
            return render_ascii(text)
        case "svg":
            return render_svg(text)
        case "png":
            return render_png(text)
