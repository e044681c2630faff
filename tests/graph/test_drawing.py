import re
import socket
import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from typing import Any
from xml.etree import ElementTree

import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from magnet.graph.drawing import NodeMark, draw
from magnet.state.graph_state import SessionState

Compiled = CompiledStateGraph[Any, Any, Any, Any]
Rect = tuple[float, float, float, float]
SVG = "{http://www.w3.org/2000/svg}"
SPECIALISTS = ["reflection", "questioning", "solutions", "normalizing", "psycho-education"]


def build(
    edges: Sequence[tuple[str, str]], routes: Mapping[str, Sequence[str]] | None = None
) -> Compiled:
    graph: Any = StateGraph(SessionState)
    for node in dict.fromkeys(node for edge in edges for node in edge):
        if node not in (START, END):
            graph.add_node(node, lambda state: {})
    for source, target in edges:
        graph.add_edge(source, target)
    for source, targets in (routes or {}).items():
        graph.add_conditional_edges(source, lambda state: END, list(targets))
    return graph.compile()


def session_graph(workers: Sequence[str], *, planner: bool = True) -> Compiled:
    entry = "planner" if planner else START
    edges = [(START, "planner")] if planner else []
    edges += [(entry, worker) for worker in workers]
    edges += [(worker, "fusion") for worker in workers]
    return build([*edges, ("fusion", "client")], {"client": [*workers, END]})


GRAPHS = {
    "magnet": session_graph([*SPECIALISTS, "selector"]),
    "no planner": session_graph([*SPECIALISTS, "selector"], planner=False),
    "no selector": session_graph(SPECIALISTS),
    "single counselor": build(
        [(START, "counselor"), ("counselor", "client")], {"client": ["counselor", END]}
    ),
    "linear": build([(START, "first"), ("first", "second"), ("second", END)]),
    "long names": session_graph([f"{name:-<40}" for name in [*SPECIALISTS, "selector"]]),
    "long names, branches": build(
        [
            (START, "a" * 40),
            ("a" * 40, "b" * 40),
            ("a" * 40, "c" * 40),
            ("b" * 40, "d" * 40),
            ("d" * 40, "e"),
            ("c" * 40, "e"),
            ("e", END),
        ]
    ),
    "loops and shortcuts": build(
        [
            (START, "planner"),
            ("planner", "left"),
            ("planner", "right"),
            ("planner", "fusion"),
            ("left", "late"),
            ("late", "fusion"),
            ("right", "fusion"),
            ("fusion", "client"),
            ("client", "check"),
        ],
        {"check": ["planner", "fusion", "check", END], "right": ["right", "client"]},
    ),
}
MARKS = {
    "planner": NodeMark("done", "1x 1.2k tok 9 s"),
    "reflection": NodeMark("done", "20x 14.2k tok 83 s"),
    "selector": NodeMark("next"),
    "solutions": NodeMark("skipped", "0x (no call: <none>)"),
    "fusion": NodeMark(note="20x"),
}
every_graph = pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS.keys())


def shown(graph: Compiled) -> list[str]:
    ends = {START: "START", END: "END"}
    return [ends.get(node, node) for node in graph.get_graph().nodes]


def rects(svg: str, kind: str) -> list[Rect]:
    return [
        (x, y, x + width, y + height)
        for rect in ElementTree.fromstring(svg).iter(f"{SVG}rect")
        if kind in rect.attrib["class"].split()
        for x, y, width, height in [
            tuple(float(rect.get(key, 0)) for key in ("x", "y", "width", "height"))
        ]
    ]


def texts(svg: str) -> list[str]:
    return [text.text or "" for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def paths(svg: str) -> list[tuple[str, list[tuple[float, float]]]]:
    found = ElementTree.fromstring(svg).findall(f"{SVG}path")
    return [
        (path.attrib["class"], [(float(x), float(y)) for x, y in zip(n[::2], n[1::2], strict=True)])
        for path in found
        for n in [re.findall(r"-?[\d.]+", path.attrib["d"])]
    ]


def overlap(one: Rect, other: Rect) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


@every_graph
def test_svg_names_every_node_once(graph: Compiled):
    count = Counter(texts(draw(graph, "svg")))
    assert {name: count[name] for name in shown(graph)} == dict.fromkeys(shown(graph), 1)


@every_graph
def test_svg_boxes_stand_apart_and_inside_the_page(graph: Compiled):
    svg = draw(graph, "svg")
    boxes = rects(svg, "box")
    [page] = rects(svg, "page")
    assert len(boxes) == len(shown(graph))
    assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)]
    assert all(page[0] < x0 and page[1] < y0 for x0, y0, _, _ in boxes)
    assert all(x1 < page[2] and y1 < page[3] for _, _, x1, y1 in boxes)


@every_graph
def test_svg_edges_run_around_the_boxes(graph: Compiled):
    svg = draw(graph, "svg")
    for _, points in paths(svg):
        pieces = [
            (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))
            for a, b in pairwise(points)
        ]
        assert not [(box, p) for box in rects(svg, "box") for p in pieces if overlap(box, p)]


@every_graph
def test_svg_edges_leave_and_reach_a_border(graph: Compiled):
    svg = draw(graph, "svg")
    ends = rects(svg, "box") + rects(svg, "frame")

    def touches(point: tuple[float, float]) -> bool:
        x, y = point
        return any(
            (y in (y0, y1) and x0 <= x <= x1) or (x in (x0, x1) and y0 <= y <= y1)
            for x0, y0, x1, y1 in ends
        )

    assert paths(svg)
    assert all(touches(points[0]) and touches(points[-1]) for _, points in paths(svg))


def test_svg_joins_parallel_nodes_in_a_frame():
    svg = draw(GRAPHS["magnet"], "svg")
    [frame] = rects(svg, "frame")
    inside = [box for box in rects(svg, "box") if overlap(frame, box)]
    assert len(inside) == 6
    assert all(frame[0] < x0 and x1 < frame[2] for x0, _, x1, _ in inside)
    assert all(frame[1] < y0 and y1 < frame[3] for _, y0, _, y1 in inside)
    assert "in parallel" in texts(svg)


def test_svg_dashes_and_labels_conditional_edges():
    svg = draw(GRAPHS["magnet"], "svg")
    kinds = Counter(kind for kind, _ in paths(svg))
    assert kinds == {"edge": 4, "edge maybe": 2}
    assert Counter(texts(svg))["next exchange"] == 1
    assert Counter(texts(svg))["end"] == 1


def test_svg_stands_alone_and_knows_dark_pages():
    svg = draw(GRAPHS["magnet"], "svg")
    assert "prefers-color-scheme: dark" in svg
    assert not re.search(r"<script|href|@import|@font-face|url\((?!#)", svg)


def test_a_choice_is_not_called_parallel():
    graph = build([(START, "router"), ("one", END), ("two", END)], {"router": ["one", "two"]})
    assert "one or more of" in texts(draw(graph, "svg"))
    assert "in parallel" not in texts(draw(graph, "svg"))


def test_labels_of_a_path_map_stay():
    builder: Any = StateGraph(SessionState)
    builder.add_node("work", lambda state: {})
    builder.add_edge(START, "work")
    builder.add_conditional_edges("work", lambda state: "stop", {"stop": END, "again": "work"})
    graph = builder.compile()
    assert {"stop", "again"} <= set(texts(draw(graph, "svg")))
    assert "again" in draw(graph, "ascii")
    assert "again" in draw(graph, "mermaid")


@every_graph
def test_png_has_the_size_of_the_svg_twice(graph: Compiled):
    png = draw(graph, "png")
    [page] = rects(draw(graph, "svg"), "page")
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    assert struct.unpack(">II", png[16:24]) == (2 * page[2], 2 * page[3])
    assert len(png) > 5_000


def test_png_shows_text():
    one, other = (build([(START, name), (name, END)]) for name in ("bdpq", "qpdb"))
    assert draw(one, "svg").replace("bdpq", "qpdb") == draw(other, "svg")
    assert draw(one, "png") != draw(other, "png")


@every_graph
def test_ascii_fits_a_terminal(graph: Compiled):
    drawing = draw(graph, "ascii")
    assert drawing.isascii()
    assert max(map(len, drawing.splitlines())) <= 80


@pytest.mark.parametrize("name", [name for name in GRAPHS if "branches" not in name])
def test_ascii_names_every_node_in_a_box(name: str):
    drawing = draw(GRAPHS[name], "ascii")
    for node in shown(GRAPHS[name]):
        assert len(re.findall(rf"\| +{re.escape(node)} +\|", drawing)) == 1


def test_ascii_breaks_names_that_do_not_fit_side_by_side():
    drawing = draw(GRAPHS["long names, branches"], "ascii")
    assert Counter(drawing)["a"] == 40
    assert Counter(drawing)["b"] == 40


def test_ascii_of_a_single_counselor():
    expected = """
  +-------+
  | START |
  +-------+
      |
      v
+-----------+
| counselor |<.+
+-----------+  :
      |        :
      v        : next exchange
 +--------+    :
 | client |....+
 +--------+
      :
      v end
   +-----+
   | END |
   +-----+
"""
    assert draw(GRAPHS["single counselor"], "ascii").strip("\n") == expected.strip("\n")


@every_graph
def test_mermaid_holds_every_edge(graph: Compiled):
    drawing = draw(graph, "mermaid")
    drawn = Counter(
        (source, target, "." in arrow)
        for source, arrow, target in re.findall(r"^\t(\S+) (-.*>) (\S+);$", drawing, re.MULTILINE)
    )
    edges = graph.get_graph().edges
    assert drawn == Counter((edge.source, edge.target, edge.conditional) for edge in edges)


def test_mermaid_labels_conditional_edges():
    drawing = draw(GRAPHS["magnet"], "mermaid")
    assert "client -. &nbsp;end&nbsp; .-> __end__;" in drawing
    assert drawing.count("client -. &nbsp;next exchange&nbsp; .-> ") == 6


def test_marks_show_in_svg():
    svg = draw(GRAPHS["magnet"], "svg", marks=MARKS)
    drawn = texts(svg)
    assert {mark.note for mark in MARKS.values() if mark.note} <= set(drawn)
    # A swatch of the legend stands beside the boxes of each state.
    assert [len(rects(svg, state)) for state in ("done", "next", "skipped")] == [3, 2, 2]
    assert drawn[-3:] == ["done", "next", "skipped"]
    boxes = rects(svg, "box")
    assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)]


def test_marks_show_in_ascii():
    drawing = draw(GRAPHS["magnet"], "ascii", marks=MARKS)
    for text in ("[x] reflection", "20x 14.2k tok 83 s", "[>] selector", "[-] solutions"):
        assert drawing.count(text) == 1
    assert drawing.endswith("[x] done  [>] next  [-] skipped\n")
    assert max(map(len, drawing.splitlines())) <= 80


def test_marks_show_in_mermaid():
    drawing = draw(GRAPHS["magnet"], "mermaid", marks=MARKS)
    assert "reflection(reflection<br/><small>20x 14.2k tok 83 s</small>)" in drawing
    assert "solutions(solutions<br/><small>0x #40;no call#58; #60;none#62;#41;</small>)" in drawing
    for state, nodes in {
        "done": {"planner", "reflection"},
        "next": {"selector"},
        "skipped": {"solutions"},
    }.items():
        [marked] = re.findall(rf"^\tclass (\S+) {state}$", drawing, re.MULTILINE)
        assert set(marked.split(",")) == nodes
        assert f"classDef {state} " in drawing


def test_marks_change_the_png():
    assert draw(GRAPHS["magnet"], "png", marks=MARKS) != draw(GRAPHS["magnet"], "png")


def test_a_mark_for_an_unknown_node_is_refused():
    with pytest.raises(
        ValueError, match=r"no node planer in this graph; expected one of .*planner"
    ):
        draw(GRAPHS["magnet"], "ascii", marks={"planer": NodeMark("done")})


@pytest.mark.parametrize("format", ["mermaid", "ascii", "svg", "png"])
def test_drawing_opens_no_connection(format: Any, monkeypatch: pytest.MonkeyPatch):
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a drawing tried to reach the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert draw(GRAPHS["magnet"], format)
