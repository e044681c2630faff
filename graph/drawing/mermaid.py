"""One Mermaid text for every picture: parallel nodes framed, a session's path as classes."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap

from langchain_core.runnables.graph import Edge, Graph
from langgraph.constants import END, START

from magnet.graph.drawing.marks import NodeMark

Step = tuple[str, str]
"""An edge by its nodes: from, to."""

COLUMNS = 2
"""Nodes side by side in a frame, so that a picture fits a terminal of 80 columns."""
LABEL_WIDTH = 28
"""Characters in a line of a label."""
# Of a link's label, which has no box: links that run side by side leave it no more room.
LINK_LABEL_WIDTH = 10
# The selector runs beside the specialists, but it picks among techniques and drafts nothing.
SET_APART = frozenset({"selector"})
ENDS: Mapping[str, str] = {START: "START", END: "END"}
BOX, APART, LIST = ("(", ")"), ("{{", "}}"), ("[[", "]]")
# The ends are boxes with round sides: Mermaid's own shape for them takes 40 kB of an SVG each.
ENDS_CLASS = "fill:#e2e8f0,rx:26,ry:26"
CLASSES: Mapping[str, str] = {
    "done": "fill:#dcfce7,stroke:#15803d,color:#0f172a",
    "next": "fill:#fef3c7,stroke:#b45309,stroke-width:3px,color:#0f172a",
    "skipped": "fill:#f8fafc,stroke:#94a3b8,stroke-dasharray:4 3,color:#64748b",
}
BREAK = "<br/>"
FAINT = "stroke:#cbd5e1,color:#94a3b8"
FONTS = "Arial, sans-serif"
HEAD = f"""---
config:
  theme: base
  look: classic
  fontFamily: {FONTS}
  themeVariables:
    fontFamily: {FONTS}
    fontSize: 15px
    primaryColor: '#ffffff'
    primaryBorderColor: '#64748b'
    primaryTextColor: '#0f172a'
    lineColor: '#64748b'
    clusterBkg: '#f1f5f9'
    clusterBorder: '#cbd5e1'
    edgeLabelBackground: '#ffffff'
  flowchart:
    htmlLabels: true
    wrappingWidth: 400
    diagramPadding: 24
---
flowchart TD"""


@dataclass(frozen=True, slots=True)
class _Group:
    """Nodes that the same edges lead to and from; most hold one node, and have no title."""

    id: str
    title: str
    nodes: Sequence[str]


@dataclass(frozen=True, slots=True)
class _Link:
    source: str
    target: str
    conditional: bool
    label: str


def draw_mermaid(
    graph: Graph,
    marks: Mapping[str, NodeMark],
    taken: Collection[Step] | None,
    *,
    listed: bool = False,
) -> str:
    """Return a graph as a Mermaid flowchart.

    Nodes that the same edges lead to and from share a frame, and one link stands for the edges of
    all of them. A link that stands for no taken edge is faint and says so.

    Args:
        graph: what to draw.
        marks: what to say about nodes.
        taken: the edges that a session went along; none draws all alike.
        listed: whether parallel nodes are a list in one box, not boxes in a frame.
    """
    distance = _distances(graph)
    labels = {edge: _label(edge, distance) for edge in graph.edges}
    groups = _groups(sorted(graph.nodes, key=lambda node: distance[node]), labels)
    texts = {node: _text(node, marks.get(node, NodeMark())) for node in graph.nodes}
    ids = {node: f"n{place}" for place, node in enumerate(n for g in groups for n in g.nodes)}
    link_ends = {n: group.id if group.title else ids[n] for group in groups for n in group.nodes}
    lines = [HEAD]
    bends = 0
    for group in groups:
        boxes = [f"{ids[node]}{_boxed(texts[node], _shape(node))}" for node in group.nodes]
        if not group.title:
            lines.append(f"    {boxes[0]}")
        elif listed:
            lines.append(f"    {group.id}{_boxed(_listed(group, texts), LIST)}")
        else:
            columns = [[ids[n] for n in group.nodes[place::COLUMNS]] for place in range(COLUMNS)]
            bends += len(group.nodes) - COLUMNS
            lines.append(f'    subgraph {group.id} ["{group.title}"]')
            lines += [f"        {box}" for box in boxes]
            lines += [f"        {' ~~~ '.join(column)}" for column in columns if len(column) > 1]
            lines.append("    end")
    faint: dict[_Link, bool] = {}
    for edge in sorted(graph.edges, key=lambda edge: distance[edge.source]):
        link = _Link(link_ends[edge.source], link_ends[edge.target], edge.conditional, labels[edge])
        went = taken is None or (edge.source, edge.target) in taken
        faint[link] = faint.get(link, True) and not went
    lines += [f"    {_drawn(link, not_taken, listed)}" for link, not_taken in faint.items()]
    # A style names a link by its place in the text, where the frames' invisible links come first.
    pale = [str(bends + place) for place, not_taken in enumerate(faint.values()) if not_taken]
    if pale:
        lines.append(f"    linkStyle {','.join(pale)} {FAINT}")
    ends = [ids[node] for node in graph.nodes if node in ENDS]
    lines += _classed("ends", ENDS_CLASS, ends)
    for state, style in CLASSES.items():
        marked = [ids[node] for node, mark in marks.items() if mark.state == state]
        lines += _classed(state, style, [] if listed else marked)
    return "\n".join(lines) + "\n"


def _classed(name: str, style: str, members: Sequence[str]) -> list[str]:
    if not members:
        return []
    return [f"    classDef {name} {style}", f"    class {','.join(members)} {name}"]


def _text(node: str, mark: NodeMark) -> str:
    texts = (ENDS.get(node, node), *mark.lines)
    return BREAK.join(_escape(line) for text in texts for line in wrap(text, LABEL_WIDTH))


def _listed(group: _Group, texts: Mapping[str, str]) -> str:
    """Return a group as lines, with a free one before notes and before what is set apart."""
    noted = any(BREAK in texts[node] for node in group.nodes)
    lines = [group.title, " "]
    for place, node in enumerate(group.nodes):
        if place and (noted or node in SET_APART):
            lines.append(" ")
        lines.append(texts[node])
    return BREAK.join(lines)


def _shape(node: str) -> tuple[str, str]:
    return APART if node in SET_APART else BOX


def _boxed(text: str, shape: tuple[str, str]) -> str:
    return f'{shape[0]}"{text}"{shape[1]}'


def _drawn(link: _Link, not_taken: bool, listed: bool) -> str:
    parts = [link.label] if link.label else []
    if not_taken:
        parts = [*(f"{part}," for part in parts), "not taken"]
    lines = [line for part in parts for line in wrap(part, LINK_LABEL_WIDTH)]
    label = (" " if listed else BREAK).join(map(_escape, lines))
    said = f'|"{label}"|' if label else ""
    arrow = "-.->" if link.conditional else "-->"
    return f"{link.source} {arrow}{said} {link.target}"


def _escape(text: str) -> str:
    """Spell what is not a letter, digit or space, and so might be markup, as Mermaid's entities."""
    return "".join(c if c.isalnum() or c in " -_.,/" else f"#{ord(c)};" for c in text)


def _label(edge: Edge, distance: Mapping[str, int]) -> str:
    """Return an edge's label: of a path map, else what a conditional edge does to the session."""
    if edge.data is not None or not edge.conditional:
        return str(edge.data or "")
    if edge.target == END:
        return "end"
    return "next exchange" if distance[edge.target] <= distance[edge.source] else ""


def _distances(graph: Graph) -> Mapping[str, int]:
    """Count the fewest steps to each node from START."""
    distance = dict.fromkeys(graph.nodes, len(graph.nodes))
    distance[START] = 0
    waiting = deque([START])
    while waiting:
        node = waiting.popleft()
        for edge in graph.edges:
            if edge.source == node and distance[edge.target] > distance[node] + 1:
                distance[edge.target] = distance[node] + 1
                waiting.append(edge.target)
    return distance


def _groups(nodes: Iterable[str], labels: Mapping[Edge, str]) -> list[_Group]:
    before: dict[str, set[tuple[str, bool, str]]] = defaultdict(set)
    after: dict[str, set[tuple[str, bool, str]]] = defaultdict(set)
    for edge, label in labels.items():
        before[edge.target].add((edge.source, edge.conditional, label))
        after[edge.source].add((edge.target, edge.conditional, label))
    alike: dict[object, list[str]] = defaultdict(list)
    for node in nodes:
        alike[frozenset(before[node]), frozenset(after[node])].append(node)

    def title(members: Sequence[str]) -> str:
        if len(members) == 1:
            return ""
        always = any(not conditional for _, conditional, _ in before[members[0]])
        return "in parallel" if always else "one or more of"

    return [
        _Group(f"g{place}", title(members), sorted(members, key=lambda node: node in SET_APART))
        for place, members in enumerate(alike.values())
    ]
