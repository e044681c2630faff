"""What a drawing shows of the edges that a session took, and of the others."""

import re
from collections import Counter
from itertools import product

import pytest
from langgraph.constants import END, START

from magnet.graph.drawing import NodeMark, draw
from tests.graph.test_drawing import GRAPHS, SPECIALISTS, paths, rects, texts

MAGNET = GRAPHS["magnet"]
WORKERS = [*SPECIALISTS, "selector"]
ONE_EXCHANGE = {
    (START, "planner"),
    *product(["planner"], WORKERS),
    *product(WORKERS, ["fusion"]),
    ("fusion", "client"),
}
WHOLE = {*ONE_EXCHANGE, *product(["client"], WORKERS), ("client", END)}


def test_svg_draws_what_was_not_taken_faint_and_below():
    svg = draw(MAGNET, "svg", taken=ONE_EXCHANGE)
    kinds = [kind for kind, _ in paths(svg)]
    assert kinds == ["edge maybe never"] * 2 + ["edge"] * 4
    assert re.search(r"\.never \{opacity:0?\.\d+\}", svg)


@pytest.mark.parametrize("format", ["svg", "ascii", "mermaid"])
def test_a_path_along_every_edge_looks_like_the_graph(format: str):
    assert draw(MAGNET, format, taken=WHOLE) == draw(MAGNET, format)


def test_a_link_to_a_group_is_taken_when_one_of_its_edges_was():
    svg = draw(MAGNET, "svg", taken={(START, "planner"), ("planner", "selector")})
    assert Counter(kind for kind, _ in paths(svg))["edge"] == 2


def test_png_shows_what_was_not_taken():
    assert draw(MAGNET, "png", taken=ONE_EXCHANGE) != draw(MAGNET, "png")


def test_ascii_of_a_session_that_is_in_its_first_exchange():
    expected = """
  +-------+
  | START |
  +-------+
      |
      v
+-----------+
| counselor |<''
+-----------+  '
      |        '
      v        ' next exchange
 +--------+    '
 | client |'''''
 +--------+
      '
      v end
   +-----+
   | END |
   +-----+
''' not taken
"""
    taken = {(START, "counselor"), ("counselor", "client")}
    drawing = draw(GRAPHS["single counselor"], "ascii", taken=taken)
    assert drawing.strip("\n") == expected.strip("\n")


def test_mermaid_names_the_links_that_were_not_taken():
    graph = GRAPHS["loops and shortcuts"]
    taken = {("planner", "right"), ("check", "planner")}
    drawing = draw(graph, "mermaid", taken=taken)
    links = re.findall(r"^\t(\S+) -.*> (\S+);$", drawing, re.MULTILINE)
    [faint] = re.findall(r"^\tlinkStyle ([\d,]+) ", drawing, re.MULTILINE)
    assert {links[int(place)] for place in faint.split(",")} == {*links} - taken


def test_a_note_of_two_lines_stands_in_two_lines():
    marks = {"planner": NodeMark("done", "1x, 9 s\n1.2k in, 80 out"), "client": NodeMark("next")}
    svg = draw(MAGNET, "svg", marks=marks)
    assert {"1x, 9 s", "1.2k in, 80 out"} <= set(texts(svg))
    plain = max(rects(draw(MAGNET, "svg"), "page"))[3]
    assert max(rects(svg, "page"))[3] > plain
    drawing = draw(MAGNET, "ascii", marks=marks)
    assert re.search(r"\| +1x, 9 s +\|\n", drawing)
    assert re.search(r"\| +1\.2k in, 80 out +\|\n", drawing)
    assert "<small>1x, 9 s<br/>1.2k in, 80 out</small>" in draw(MAGNET, "mermaid", marks=marks)
