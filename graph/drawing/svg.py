"""A picture as one SVG file that needs nothing else: no scripts, no fonts to load.

Colors follow the reader's light or dark scheme; a state of a node shows in line style too.
"""

from collections.abc import Mapping, Sequence
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from langgraph.constants import END, START

from magnet.graph.drawing.layers import Layers
from magnet.graph.drawing.marks import MarkState, NodeMark
from magnet.graph.drawing.picture import Box, Caption, Frame, Metrics, Point
from magnet.graph.drawing.routing import compose

NAME_SIZE = 15
NOTE_SIZE = 12.5
CORNER = 10
LEGEND_HEIGHT = 34
LEGEND_STEP = 96
SCOPE = "magnet-graph"
STATES: tuple[MarkState, ...] = ("done", "next", "skipped")

# Upper bounds, in em, over the sans-serif fonts of the stack below; DejaVu Sans Bold is the widest.
NARROW, MEDIUM, CAPITAL, WIDE = 0.44, 0.72, 0.85, 1.1
WIDTHS = {
    **dict.fromkeys("abcdeghknopqsuvxyz0123456789_=+<>?$", MEDIUM),
    **dict.fromkeys("fijlrtI.,:;'|!()[]{}/- ", NARROW),
    **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ", CAPITAL),
}

FONTS = '"Source Sans Pro","Source Sans 3",system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial'
LIGHT = {
    "text": f"font-family:{FONTS},sans-serif;font-size:{NOTE_SIZE}px;fill:#475569",
    ".page": "fill:#ffffff",
    ".frame": "fill:#f1f5f9;stroke:#cbd5e1",
    ".box": "fill:#ffffff;stroke:#64748b;stroke-width:1.4",
    ".end": "fill:#e2e8f0",
    ".name": f"font-size:{NAME_SIZE}px;font-weight:600;fill:#0f172a",
    ".edge": "fill:none;stroke:#64748b;stroke-width:1.6",
    ".maybe": "stroke-dasharray:6 4",
    ".never": "opacity:0.35",
    ".head": "fill:#64748b",
    ".done": "fill:#dcfce7;stroke:#15803d",
    ".next": "fill:#fef3c7;stroke:#b45309;stroke-width:3",
    ".skipped": "fill:#f8fafc;stroke:#94a3b8;stroke-dasharray:4 3",
    ".faint": "fill:#64748b",
}
DARK = {
    "text": "fill:#a9b6c8",
    ".page": "fill:#0f172a",
    ".frame": "fill:#182338;stroke:#3b4a63",
    ".box": "fill:#1e293b;stroke:#8494ab",
    ".end": "fill:#334155",
    ".name": "fill:#f1f5f9",
    ".edge": "stroke:#8494ab",
    ".head": "fill:#8494ab",
    ".done": "fill:#14392a;stroke:#4ade80",
    ".next": "fill:#453209;stroke:#fbbf24",
    ".skipped": "fill:#172033;stroke:#64748b",
    ".faint": "fill:#94a3b8",
}


def _style() -> str:
    """Write the style sheet so that it holds in this drawing alone where a page embeds it."""

    def rules(scheme: Mapping[str, str]) -> str:
        return "".join(f".{SCOPE} {part} {{{rule}}}\n" for part, rule in scheme.items())

    return f"\n{rules(LIGHT)}@media (prefers-color-scheme: dark) {{\n{rules(DARK)}}}\n"


def _text_width(caption: Caption) -> int:
    sizes = (NAME_SIZE, *[NOTE_SIZE] * (len(caption) - 1))
    return round(
        max(
            sum(WIDTHS.get(char, WIDE) for char in line) * size
            for line, size in zip(caption, sizes, strict=True)
        )
    )


METRICS = Metrics(
    width=880,
    text_width=_text_width,
    line=19,
    padding=(16, 10),
    gap=(16, 14),
    frame=(18, 16),
    frame_title=16,
    rise=22,
    track=16,
    drop=28,
    lane=26,
    label=(10, 16),
    margin=24,
)


def draw_svg(layers: Layers, names: Mapping[str, str], marks: Mapping[str, NodeMark]) -> str:
    """Draw boxes by layer, a frame around parallel nodes, dashed conditional links with labels."""
    captions = {node: (name, *marks.get(node, NodeMark()).lines) for node, name in names.items()}
    picture = compose(layers, captions, METRICS)
    states = [state for state in STATES if any(mark.state == state for mark in marks.values())]
    width = max(picture.width, 2 * METRICS.margin + LEGEND_STEP * len(states))
    height = picture.height + (LEGEND_HEIGHT if states else 0)
    root = Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {width} {height}",
            "width": f"{width}",
            "height": f"{height}",
            "class": SCOPE,
            "role": "img",
            "aria-label": "Graph of the session",
        },
    )
    SubElement(root, "style").text = _style()
    _add_arrow(root)
    _add(root, "rect", "page", width=width, height=height)
    for frame in picture.frames:
        _add_frame(root, frame)
    # What was not taken is drawn first, under what was.
    for route in sorted(picture.routes, key=lambda route: not route.faint):
        kinds = ("edge", "maybe" if route.conditional else "", "never" if route.faint else "")
        line = _add(root, "path", " ".join(filter(None, kinds)))
        line.set("d", _rounded(route.points))
        line.set("marker-end", "url(#arrow)")
    for box in picture.boxes:
        _add_box(root, box, marks.get(box.node, NodeMark()).state)
    for label in picture.labels:
        _add(root, "text", "", x=label.x, y=label.y).text = label.text
    for place, state in enumerate(states):
        x = METRICS.margin + place * LEGEND_STEP
        _add(root, "rect", f"box {state}", x=x, y=picture.height, width=22, height=14, rx=4)
        _add(root, "text", "", x=x + 30, y=picture.height + 11).text = state
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _add(parent: Element, tag: str, kind: str, **lengths: float) -> Element:
    attributes = {name: f"{length:g}" for name, length in lengths.items()}
    return SubElement(parent, tag, ({"class": kind} if kind else {}) | attributes)


def _add_arrow(root: Element) -> None:
    marker = SubElement(SubElement(root, "defs"), "marker", {"id": "arrow", "orient": "auto"})
    marker.attrib |= {"viewBox": "0 0 10 10", "refX": "9.5", "refY": "5"}
    marker.attrib |= {"markerWidth": "10", "markerHeight": "10", "markerUnits": "userSpaceOnUse"}
    _add(marker, "path", "head").set("d", "M0 1 L10 5 L0 9 Z")


def _add_frame(root: Element, frame: Frame) -> None:
    size = {"width": frame.width, "height": frame.height}
    _add(root, "rect", "frame", x=frame.x, y=frame.y, rx=14, **size)
    title = _add(root, "text", "", x=frame.x + METRICS.frame[0], y=frame.y + 22)
    title.text = frame.title


def _add_box(root: Element, box: Box, state: MarkState | None) -> None:
    ends = box.node in (START, END)
    _add(
        root,
        "rect",
        " ".join(filter(None, ("box", "end" if ends else "", state))),
        x=box.x,
        y=box.y,
        width=box.width,
        height=box.height,
        rx=box.height / 2 if ends else 8,
    )
    top = box.y + (box.height - METRICS.line * len(box.caption)) / 2
    for number, line in enumerate(box.caption):
        kind = "" if number else "name faint" if state == "skipped" else "name"
        at = {"x": box.x + box.width / 2, "y": top + number * METRICS.line + 14.5}
        text = _add(root, "text", kind, **at)
        text.set("text-anchor", "middle")
        text.text = line


def _rounded(points: Sequence[Point]) -> str:
    """Write a polyline as an SVG path with round corners."""
    path = [f"M{points[0][0]} {points[0][1]}"]
    for (x0, y0), (x, y), (x1, y1) in zip(points, points[1:], points[2:], strict=False):
        before, after = abs(x - x0) + abs(y - y0), abs(x1 - x) + abs(y1 - y)
        radius = min(CORNER, before / 2, after / 2)
        from_x, from_y = x + (x0 - x) * radius / before, y + (y0 - y) * radius / before
        to_x, to_y = x + (x1 - x) * radius / after, y + (y1 - y) * radius / after
        path.append(f"L{from_x:g} {from_y:g} Q{x} {y} {to_x:g} {to_y:g}")
    return " ".join([*path, f"L{points[-1][0]} {points[-1][1]}"])
