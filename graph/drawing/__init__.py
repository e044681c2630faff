"""Drawing a compiled graph, with no network: Mermaid, ASCII, SVG or PNG."""

from collections.abc import Collection, Mapping
from typing import Any, Literal, overload

from langgraph.constants import END, START
from langgraph.graph.state import CompiledStateGraph

from magnet.graph.drawing.ascii import draw_ascii
from magnet.graph.drawing.layers import Step, arrange, label_edges
from magnet.graph.drawing.marks import MarkState, NodeMark
from magnet.graph.drawing.mermaid import draw_mermaid
from magnet.graph.drawing.png import rasterize
from magnet.graph.drawing.svg import draw_svg

__all__ = ["MarkState", "NodeMark", "Step", "draw"]

Compiled = CompiledStateGraph[Any, Any, Any, Any]
ENDS = {START: "START", END: "END"}


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
    """Draw a graph; ASCII keeps to 80 columns, SVG and PNG stand alone.

    Args:
        graph: a compiled graph.
        format: what to draw it as.
        marks: what to say about nodes.
        taken: the edges that a session went along; the others are drawn faint. None draws all
            edges alike.

    Raises:
        ValueError: a mark names a node that the graph does not have.
    """
    labelled = label_edges(graph.get_graph())
    unknown = sorted(marks.keys() - labelled.nodes.keys())
    if unknown:
        raise ValueError(
            f"marks: no node {', '.join(unknown)} in this graph; "
            f"expected one of {', '.join(labelled.nodes)}"
        )
    if format == "mermaid":
        return draw_mermaid(labelled, marks, taken)
    layers = arrange(labelled, taken)
    names = {node: ENDS.get(node, node) for node in labelled.nodes}
    if format == "ascii":
        return draw_ascii(layers, names, marks)
    svg = draw_svg(layers, names, marks)
    return svg if format == "svg" else rasterize(svg)
