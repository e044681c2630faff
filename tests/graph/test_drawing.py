"""Pictures of graphs and of the paths that sessions take through them."""

import re
import socket
import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import combinations, product
from typing import Any
from xml.etree import ElementTree

import pytest
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from magnet.graph import build_graph, load_methods
from magnet.graph.drawing import NodeMark, draw
from magnet.state.graph_state import SessionState

Compiled = CompiledStateGraph[Any, Any, Any, Any]
Box = tuple[float, float, float, float]
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
    "hostile names": session_graph(
        [
            "<b>bold</b> & \"quoted\" 'single'",
            "`**mark**` %% no comment; end",
            "subgraph x[y] {z} (a) --> click",
            "</text><script>alert(1)</script>",
            "end",
            "w" * 120,
            "#quot; $$x^2$$",
        ]
    ),
    **{f"method {name}": build_graph(method) for name, method in load_methods().items()},
}
MARKS = {
    "planner": NodeMark("done", "1x 1.2k tok 9 s"),
    "reflection": NodeMark("done", "20x 14.2k tok 83 s"),
    "selector": NodeMark("next"),
    "solutions": NodeMark("skipped", "0x (no call: <none>)"),
    "fusion": NodeMark(note="20x"),
}
every_graph = pytest.mark.parametrize("graph", GRAPHS.values(), ids=GRAPHS.keys())


WORKERS = [*SPECIALISTS, "selector"]
ONE_EXCHANGE = {
    (START, "planner"),
    *product(["planner"], WORKERS),
    *product(WORKERS, ["fusion"]),
    ("fusion", "client"),
}
WHOLE = {*ONE_EXCHANGE, *product(["client"], WORKERS), ("client", END)}


def shown(graph: Compiled) -> list[str]:
    ends = {START: "START", END: "END"}
    return [ends.get(node, node) for node in graph.get_graph().nodes]


def svg_of(graph: Compiled, **said: Any) -> ElementTree.Element:
    return ElementTree.fromstring(draw(graph, "svg", **said))


def texts(svg: ElementTree.Element) -> list[str]:
    return [text.text or "" for text in svg.iter(f"{SVG}text")]


def run_together(text: str) -> str:
    """Return a text without white space, as names are broken anywhere to fit their boxes."""
    return re.sub(r"\s", "", text)


def boxes(svg: ElementTree.Element) -> list[Box]:
    found: list[Box] = []
    for node in svg.iter(f"{SVG}g"):
        if not node.get("class", "").startswith("node "):
            continue
        x, y = map(float, re.findall(r"[-\d.]+", node.attrib["transform"]))
        rect, polygon = node.find(f"{SVG}rect"), node.find(f"{SVG}polygon")
        if rect is not None:
            width, height = float(rect.attrib["width"]), float(rect.attrib["height"])
        else:
            assert polygon is not None
            points = [*map(float, re.findall(r"[-\d.]+", polygon.attrib["points"]))]
            width = max(points[::2]) - min(points[::2])
            height = max(points[1::2]) - min(points[1::2])
        found.append((x - width / 2, y - height / 2, x + width / 2, y + height / 2))
    return found


def links(mermaid: str) -> list[tuple[str, str, str, str]]:
    """Return each visible link's source, arrow, label and target."""
    found = re.findall(r'^    (\w+) (-\.->|-->)(?:\|"(.*)"\|)? (\w+)$', mermaid, re.MULTILINE)
    return [(*link,) for link in found]


def ids(mermaid: str) -> dict[str, str]:
    found = re.findall(r'^ +(n\d+)\W+"(.*)"', mermaid, re.MULTILINE)
    return {label.partition("<br/>")[0]: id for id, label in found}


@every_graph
def test_svg_names_every_node(graph: Compiled):
    written = run_together("".join(texts(svg_of(graph))))
    assert [name for name in shown(graph) if run_together(name) not in written] == []


@every_graph
def test_svg_boxes_stand_apart_and_inside_the_page(graph: Compiled):
    svg = svg_of(graph)
    left, top, width, height = map(float, svg.attrib["viewBox"].split())
    found = boxes(svg)
    assert len(found) == len(shown(graph))
    for one, other in combinations(found, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
    assert all(left < x0 and top < y0 for x0, y0, _, _ in found)
    assert all(x1 < left + width and y1 < top + height for _, _, x1, y1 in found)


@every_graph
def test_svg_links_and_labels_leave_the_boxes_free(graph: Compiled):
    svg = svg_of(graph)
    found = boxes(svg)
    for path in svg.iter(f"{SVG}path"):
        if "flowchart-link" not in path.get("class", ""):
            continue
        numbers = [*map(float, re.findall(r"-?\d+(?:\.\d+)?", path.attrib["d"]))]
        for x, y in zip(numbers[::2], numbers[1::2], strict=True):
            assert not [b for b in found if b[0] < x < b[2] and b[1] < y < b[3]]
    for text in svg.iter(f"{SVG}text"):
        if "edgeLabel" in text.attrib["data-merman-source-classes"]:
            x, y = float(text.attrib["x"]), float(text.attrib["y"])
            assert not [b for b in found if b[0] < x < b[2] and b[1] < y < b[3]]


@every_graph
def test_svg_stands_alone_on_white(graph: Compiled):
    svg = draw(graph, "svg")
    assert not re.search(r"<script|<foreignObject|href|@import|@font-face|url\((?!#)", svg)
    assert "background-color:#ffffff" in svg.partition(">")[0]
    root = svg_of(graph)
    size = [float(root.attrib[name]) for name in ("width", "height")]
    assert size == pytest.approx([*map(float, root.attrib["viewBox"].split())][2:], abs=0.5)
    assert len(svg) < 40_000


@every_graph
def test_png_has_the_size_of_the_svg_twice(graph: Compiled):
    png = draw(graph, "png")
    *_, width, height = map(float, svg_of(graph).attrib["viewBox"].split())
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    drawn = struct.unpack(">II", png[16:24])
    assert drawn == pytest.approx((2 * width, 2 * height), abs=2)


def test_png_shows_text():
    one, other = (build([(START, name), (name, END)]) for name in ("bdpq", "qpdb"))
    assert draw(one, "svg").replace("bdpq", "qpdb") == draw(other, "svg")
    assert draw(one, "png") != draw(other, "png")


@every_graph
def test_ascii_fits_a_terminal_and_names_every_node(graph: Compiled):
    drawing = draw(graph, "ascii")
    assert drawing.isascii()
    assert max(map(len, drawing.splitlines())) <= 80
    lines = re.findall(r"^ *\|+([^|]+)\|", drawing, re.MULTILINE)
    written = run_together("".join(lines))
    assert [name for name in shown(graph) if run_together(name) not in written] == []


def test_ascii_lists_parallel_nodes_in_one_box_and_the_selector_apart():
    drawing = draw(GRAPHS["magnet"], "ascii")
    listed = [line.strip("|<.+: ") for line in drawing.splitlines() if line.startswith("||")]
    assert listed == ["in parallel", "", *SPECIALISTS, "", "selector"]


def test_ascii_labels_the_way_back_and_the_end():
    drawing = draw(GRAPHS["single counselor"], "ascii")
    assert drawing.count("next exchange") == 1
    assert re.search(r"end:\n +v\n\+-+\+\n\| +END +\|", drawing)


@pytest.mark.parametrize("name", ["magnet", "no planner", "no selector"])
def test_mermaid_frames_parallel_nodes_and_draws_one_link_for_all(name: str):
    drawing = draw(GRAPHS[name], "mermaid")
    [frame] = re.findall(
        r'^    subgraph (\w+) \["in parallel"\]\n(.*?)^    end$', drawing, re.M | re.S
    )
    assert set(ids(frame[1])) == set(SPECIALISTS) | ({"selector"} - {name.removeprefix("no ")})
    of = ids(drawing)
    entry = of.get("planner", of["START"])
    assert (entry, "-->", "", frame[0]) in links(drawing)
    assert (frame[0], "-->", "", of["fusion"]) in links(drawing)
    assert (of["client"], "-.->", "next<br/>exchange", frame[0]) in links(drawing)
    assert (of["client"], "-.->", "end", of["END"]) in links(drawing)


def test_the_selector_has_a_shape_of_its_own():
    drawing = draw(GRAPHS["magnet"], "mermaid")
    assert re.findall(r'\{\{"(.*)"\}\}', drawing) == ["selector"]


def test_hostile_names_are_escaped_in_mermaid():
    drawing = draw(GRAPHS["hostile names"], "mermaid")
    labels = re.findall(r'^ +n\d+\("(.*)"\)$', drawing, re.MULTILINE)
    assert len(labels) == len(shown(GRAPHS["hostile names"]))
    assert not [label for label in labels if re.search(r'["<>&`%]', label.replace("<br/>", ""))]


def test_a_choice_is_not_called_parallel():
    graph = build([(START, "router"), ("one", END), ("two", END)], {"router": ["one", "two"]})
    assert "one or more of" in texts(svg_of(graph))
    assert "in parallel" not in texts(svg_of(graph))


def test_labels_of_a_path_map_stay():
    builder: Any = StateGraph(SessionState)
    builder.add_node("work", lambda state: {})
    builder.add_edge(START, "work")
    builder.add_conditional_edges("work", lambda state: "stop", {"stop": END, "again": "work"})
    graph = builder.compile()
    assert {"stop", "again"} <= set(texts(svg_of(graph)))
    assert "again" in draw(graph, "ascii")


def test_every_edge_of_a_graph_with_loops_is_drawn():
    graph = build(
        [(START, "plan"), ("plan", "left"), ("plan", "late"), ("left", "late"), ("late", "check")],
        {"check": ["plan", "late", "check", END]},
    )
    drawing = draw(graph, "mermaid")
    of = {"__start__": "START", "__end__": "END"}
    wanted = Counter(
        tuple(ids(drawing)[of.get(node, node)] for node in (edge.source, edge.target))
        for edge in graph.get_graph().edges
    )
    assert Counter((source, target) for source, _, _, target in links(drawing)) == wanted
    assert sorted(label for _, _, label, _ in links(drawing) if label) == [
        "end",
        *["next<br/>exchange"] * 3,
    ]


def test_marks_show_in_svg():
    drawn = texts(svg_of(GRAPHS["magnet"], marks=MARKS))
    assert {mark.note for mark in MARKS.values() if mark.note} <= set(drawn)
    # A state that no note shows is written out; nobody has to tell colors apart.
    assert Counter(drawn)["skipped"] == 1
    assert Counter(drawn)["next"] == 2  # the other one is of the next exchange
    assert "done" not in drawn


def test_marks_are_classes_in_mermaid():
    drawing = draw(GRAPHS["magnet"], "mermaid", marks=MARKS)
    of = ids(drawing)
    for state, nodes in {
        "done": {"planner", "reflection"},
        "next": {"selector"},
        "skipped": {"solutions"},
        "ends": {"START", "END"},
    }.items():
        [marked] = re.findall(rf"^    class (\S+) {state}$", drawing, re.MULTILINE)
        assert set(marked.split(",")) == {of[node] for node in nodes}
        assert f"classDef {state} " in drawing


def test_marks_show_in_ascii():
    drawing = draw(GRAPHS["magnet"], "ascii", marks=MARKS)
    for text in ("20x 14.2k tok 83 s", "0x (no call: <none>)", "next ", "skipped"):
        assert len(re.findall(rf"\| +{re.escape(text.strip())} +\|", drawing)) == 1
    assert max(map(len, drawing.splitlines())) <= 80


def test_marks_change_the_png():
    assert draw(GRAPHS["magnet"], "png", marks=MARKS) != draw(GRAPHS["magnet"], "png")


def test_a_note_of_two_lines_stands_in_two_lines():
    marks = {"planner": NodeMark("done", "1x, 9 s\n1.2k in, 80 out"), "client": NodeMark("next")}
    assert {"1x, 9 s", "1.2k in, 80 out"} <= set(texts(svg_of(GRAPHS["magnet"], marks=marks)))
    drawing = draw(GRAPHS["magnet"], "ascii", marks=marks)
    assert re.search(r"\| +1x, 9 s +\|\n\| +1\.2k in, 80 out +\|\n", drawing)


def test_a_mark_for_an_unknown_node_is_refused():
    with pytest.raises(
        ValueError, match=r"no node planer in this graph; expected one of .*planner"
    ):
        draw(GRAPHS["magnet"], "ascii", marks={"planer": NodeMark("done")})


@pytest.mark.parametrize("format", ["svg", "ascii", "mermaid"])
def test_a_path_along_every_edge_looks_like_the_graph(format: Any):
    magnet = GRAPHS["magnet"]
    assert draw(magnet, format, taken=WHOLE) == draw(magnet, format)


def test_links_that_were_not_taken_are_faint_and_say_so():
    drawing = draw(GRAPHS["magnet"], "mermaid", taken=ONE_EXCHANGE)
    lines = re.findall(r"^ +(\w+ (?:~~~|-).*)$", drawing, re.MULTILINE)
    every = [link for line in lines for link in [line] * max(1, line.count("~~~"))]
    [faint] = re.findall(r"^    linkStyle ([\d,]+) stroke", drawing, re.MULTILINE)
    styled = [every[int(place)] for place in faint.split(",")]
    assert styled == [line for line in lines if "not taken" in line]
    assert {line.split()[1].partition("|")[0] for line in styled} == {"-.->"}
    assert len(styled) == 2
    ascii = draw(GRAPHS["magnet"], "ascii", taken=ONE_EXCHANGE)
    assert "next exchange, not taken" in ascii
    assert "end, not taken" in ascii
    assert draw(GRAPHS["magnet"], "png", taken=ONE_EXCHANGE) != draw(GRAPHS["magnet"], "png")


def test_a_link_to_a_group_is_taken_when_one_of_its_edges_was():
    drawing = draw(GRAPHS["magnet"], "mermaid", taken={(START, "planner"), ("planner", "selector")})
    assert [label for _, _, label, _ in links(drawing)].count("") == 2


@pytest.mark.parametrize("format", ["mermaid", "ascii", "svg", "png"])
def test_drawing_opens_no_connection(format: Any, monkeypatch: pytest.MonkeyPatch):
    def refuse(*args: Any, **kwargs: Any) -> Any:
        raise AssertionError("a drawing tried to reach the network")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    assert draw(GRAPHS["magnet"], format)
