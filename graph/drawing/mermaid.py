"""LangGraph's own Mermaid text, with marks as classes and notes under the names."""

from collections.abc import Mapping

from langchain_core.runnables.graph import Graph

from graph.drawing.marks import MarkState, NodeMark

CLASSES: Mapping[MarkState, str] = {
    "done": "fill:#dcfce7,stroke:#15803d,color:#0f172a",
    "next": "fill:#fef3c7,stroke:#b45309,stroke-width:3px,color:#0f172a",
    "skipped": "fill:#f8fafc,stroke:#94a3b8,stroke-dasharray:4 3,color:#64748b",
}
# Entities for what ends a Mermaid label; a colon would make LangGraph cut the name at it.
ENTITIES = str.maketrans({char: f"#{ord(char)};" for char in '#"()[]{}<>|;:&'})


def draw_mermaid(graph: Graph, marks: Mapping[str, NodeMark]) -> str:
    """Draw a labelled graph as a Mermaid flowchart."""
    nodes = {
        name: node._replace(name=f"{node.name}<br/><small>{note.translate(ENTITIES)}</small>")
        if (note := marks.get(name, NodeMark()).note)
        else node
        for name, node in graph.nodes.items()
    }
    lines = [Graph(nodes=nodes, edges=graph.edges).draw_mermaid().rstrip("\n")]
    for state, style in CLASSES.items():
        marked = [_identifier(name) for name in graph.nodes if _state(marks, name) == state]
        if marked:
            lines += [f"\tclassDef {state} {style}", f"\tclass {','.join(marked)} {state}"]
    return "\n".join(lines) + "\n"


def _state(marks: Mapping[str, NodeMark], name: str) -> MarkState | None:
    return marks[name].state if name in marks else None


def _identifier(name: str) -> str:
    """Spell a node's name as LangGraph does where Mermaid allows letters, digits, `_` and `-`."""
    plain = (char.isascii() and (char.isalnum() or char in "_-") for char in name)
    return "".join(c if ok else f"\\{ord(c):x}" for c, ok in zip(name, plain, strict=True))
