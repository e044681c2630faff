"""LangGraph's own Mermaid text, with marks as classes and notes under the names."""

from collections.abc import Collection, Mapping

from langchain_core.runnables.graph import Graph

from magnet.graph.drawing.layers import Step
from magnet.graph.drawing.marks import MarkState, NodeMark

CLASSES: Mapping[MarkState, str] = {
    "done": "fill:#dcfce7,stroke:#15803d,color:#0f172a",
    "next": "fill:#fef3c7,stroke:#b45309,stroke-width:3px,color:#0f172a",
    "skipped": "fill:#f8fafc,stroke:#94a3b8,stroke-dasharray:4 3,color:#64748b",
}
# Entities for what ends a Mermaid label; a colon would make LangGraph cut the name at it.
FAINT = "stroke:#cbd5e1,color:#94a3b8"
ENTITIES = str.maketrans({char: f"#{ord(char)};" for char in '#"()[]{}<>|;:&'})


def draw_mermaid(
    graph: Graph, marks: Mapping[str, NodeMark], taken: Collection[Step] | None
) -> str:
    """Draw a labelled graph as a Mermaid flowchart."""
    nodes = {
        name: node._replace(name=f"{node.name}<br/><small>{_note(marks[name])}</small>")
        if name in marks and marks[name].lines
        else node
        for name, node in graph.nodes.items()
    }
    lines = [Graph(nodes=nodes, edges=graph.edges).draw_mermaid().rstrip("\n")]
    for state, style in CLASSES.items():
        marked = [_identifier(name) for name in graph.nodes if _state(marks, name) == state]
        if marked:
            lines += [f"\tclassDef {state} {style}", f"\tclass {','.join(marked)} {state}"]
    faint = [] if taken is None else _faint_links(lines[0], taken)
    if faint:
        lines.append(f"\tlinkStyle {','.join(map(str, faint))} {FAINT}")
    return "\n".join(lines) + "\n"


def _note(mark: NodeMark) -> str:
    return "<br/>".join(line.translate(ENTITIES) for line in mark.lines)


def _faint_links(drawing: str, taken: Collection[Step]) -> list[int]:
    """Give the places of the links not taken: a style names a link by its place in the text."""
    links = [line.split() for line in drawing.splitlines() if " --> " in line or " -." in line]
    went = {(_identifier(source), _identifier(target)) for source, target in taken}
    return [
        place
        for place, (source, *_, target) in enumerate(links)
        if (source, target.rstrip(";")) not in went
    ]


def _state(marks: Mapping[str, NodeMark], name: str) -> MarkState | None:
    return marks[name].state if name in marks else None


def _identifier(name: str) -> str:
    """Spell a node's name as LangGraph does where Mermaid allows letters, digits, `_` and `-`."""
    plain = (char.isascii() and (char.isalnum() or char in "_-") for char in name)
    return "".join(c if ok else f"\\{ord(c):x}" for c, ok in zip(name, plain, strict=True))
