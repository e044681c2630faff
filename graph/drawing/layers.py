"""The order of a drawing: nodes in layers from START to END, parallel nodes as one unit.

Layered drawing after Sugiyama, Tagawa and Toda (1981): take the edges back out, give each node the
length of its longest path from START, bend long edges at every layer that they pass, and sort
each layer by the mean place of its neighbors.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from langchain_core.runnables.graph import Edge, Graph
from langgraph.constants import END

ORDERING_SWEEPS = 4

Step = tuple[str, str]
"""An edge by its nodes: from, to."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What takes one place in a layer: a node, nodes with the same neighbors, or a bend.

    A bend has no nodes; it keeps a place free where a long link passes a layer.
    """

    nodes: tuple[str, ...] = ()
    title: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """An edge between units, given by their indices: source, bends, target."""

    path: tuple[int, ...]
    conditional: bool
    label: str
    faint: bool
    """Whether it is there, but was not taken."""


@dataclass(frozen=True, slots=True)
class Layers:
    """A graph in layers. `rows` hold indices of `units`; `back` links run against the layers."""

    units: list[Unit]
    rows: list[list[int]]
    forward: list[Link]
    back: list[Link]


def label_edges(graph: Graph) -> Graph:
    """Give the graph with a label on each conditional edge that ends it or runs back.

    Labels that the graph's builder set in a path map stay.
    """
    back = _back_edges(graph)

    def label(edge: Edge) -> Edge:
        if edge.data is not None or not edge.conditional:
            return edge
        if edge.target == END:
            return edge._replace(data="end")
        return edge._replace(data="next exchange") if edge in back else edge

    return Graph(nodes=graph.nodes, edges=[label(edge) for edge in graph.edges])


def arrange(graph: Graph, taken: Collection[Step] | None = None) -> Layers:
    """Put the nodes of a labelled graph in layers and order each layer to cross few edges.

    Links are faint that stand for none of the `taken` edges; where that is none, no link is.
    """
    back = _back_edges(graph)
    depth = _longest_paths(graph, [edge for edge in graph.edges if edge not in back])
    units = _units(graph, depth)
    place = {node: index for index, unit in enumerate(units) for node in unit.nodes}
    rows: list[list[int]] = [[] for _ in range(max(depth.values()) + 1)]
    for index, unit in enumerate(units):
        rows[depth[unit.nodes[0]]].append(index)

    def links(edges: Iterable[Edge]) -> list[Link]:
        faint: dict[tuple[tuple[int, int], bool, str], bool] = {}
        for edge in edges:
            kind = (place[edge.source], place[edge.target]), edge.conditional, str(edge.data or "")
            went = taken is None or (edge.source, edge.target) in taken
            faint[kind] = faint.get(kind, True) and not went
        return [Link(*kind, faint=unused) for kind, unused in faint.items()]

    def bend(link: Link) -> Link:
        source, target = (depth[units[index].nodes[0]] for index in link.path)
        bends: list[int] = []
        for row in rows[source + 1 : target]:
            bends.append(len(units))
            row.append(len(units))
            units.append(Unit())
        return replace(link, path=(link.path[0], *bends, link.path[1]))

    forward = [bend(link) for link in links(e for e in graph.edges if e not in back)]
    _order(rows, [pair for link in forward for pair in pairwise(link.path)])
    return Layers(units, rows, forward, links(e for e in graph.edges if e in back))


def _back_edges(graph: Graph) -> set[Edge]:
    """Find edges whose removal leaves no cycle.

    Edges are kept in the order of how far they lead away from START, so that the ones left over
    are those that return, and not whichever edge a depth-first search meets last.
    """
    ahead: dict[str, set[str]] = defaultdict(set)
    distance = _distances(graph)
    back: set[Edge] = set()
    for edge in sorted(graph.edges, key=lambda e: distance[e.source] - distance[e.target]):
        if edge.source in _reached(edge.target, ahead):
            back.add(edge)
        else:
            ahead[edge.source].add(edge.target)
    return back


def _distances(graph: Graph) -> dict[str, int]:
    """Count the fewest steps to each node from the nodes that nothing leads to."""
    targets = {edge.target for edge in graph.edges}
    distance = {node: 0 for node in graph.nodes if node not in targets}
    waiting = deque(distance)
    while waiting:
        node = waiting.popleft()
        for edge in graph.edges:
            if edge.source == node and edge.target not in distance:
                distance[edge.target] = distance[node] + 1
                waiting.append(edge.target)
    return {node: distance.get(node, 0) for node in graph.nodes}


def _reached(start: str, ahead: dict[str, set[str]]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        new = ahead[waiting.pop()] - found
        found |= new
        waiting.extend(new)
    return found


def _longest_paths(graph: Graph, forward: Sequence[Edge]) -> dict[str, int]:
    depth = dict.fromkeys(graph.nodes, 0)
    # No path is longer than the number of nodes, so this many rounds settle every depth.
    for _ in graph.nodes:
        for edge in forward:
            depth[edge.target] = max(depth[edge.target], depth[edge.source] + 1)
    return depth


def _units(graph: Graph, depth: dict[str, int]) -> list[Unit]:
    """Join the nodes that the same edges lead to and from, in the graph's own order."""
    before: dict[str, set[tuple[str, bool, str]]] = defaultdict(set)
    after: dict[str, set[tuple[str, bool, str]]] = defaultdict(set)
    for edge in graph.edges:
        before[edge.target].add((edge.source, edge.conditional, str(edge.data)))
        after[edge.source].add((edge.target, edge.conditional, str(edge.data)))
    joined: dict[object, list[str]] = defaultdict(list)
    for node in graph.nodes:
        joined[depth[node], frozenset(before[node]), frozenset(after[node])].append(node)

    def title(nodes: list[str]) -> str:
        if len(nodes) == 1:
            return ""
        always = any(not conditional for _, conditional, _ in before[nodes[0]])
        return "in parallel" if always else "one or more of"

    return [Unit(tuple(nodes), title(nodes)) for nodes in joined.values()]


def _order(rows: list[list[int]], pairs: list[tuple[int, int]]) -> None:
    above: dict[int, list[int]] = defaultdict(list)
    below: dict[int, list[int]] = defaultdict(list)
    for source, target in pairs:
        above[target].append(source)
        below[source].append(target)
    for sweep in range(ORDERING_SWEEPS):
        down = sweep % 2 == 0
        neighbors = above if down else below
        for fixed, row in pairwise(rows if down else rows[::-1]):
            place = {unit: index / len(fixed) for index, unit in enumerate(fixed)}
            mean = {
                unit: sum(place[n] for n in neighbors[unit]) / len(neighbors[unit])
                for unit in row
                if neighbors[unit]
            }
            here = {unit: index / len(row) for index, unit in enumerate(row)}
            row.sort(key=lambda unit, mean=mean, here=here: mean.get(unit, here[unit]))
