"""A picture in plain ASCII characters, at most 80 to a line."""

from collections.abc import Mapping
from itertools import pairwise
from textwrap import wrap

from magnet.graph.drawing.layers import Layers
from magnet.graph.drawing.marks import MarkState, NodeMark
from magnet.graph.drawing.picture import Caption, Metrics, Picture, Point
from magnet.graph.drawing.routing import compose

COLUMNS = 80
SIGNS: Mapping[MarkState, str] = {
    "done": "[x] ",
    "next": "[>] ",
    "skipped": "[-] ",
}
FAINT = "'"
METRICS = Metrics(
    width=COLUMNS,
    text_width=lambda caption: max(map(len, caption)),
    line=1,
    padding=(2, 1),
    gap=(2, 0),
    frame=(2, 1),
    frame_title=0,
    rise=1,
    track=1,
    drop=1,
    lane=2,
    label=(2, 1),
    margin=0,
)
# Boxes of the widest layer share what a back link's lane and label leave of the line.
ROOM_FOR_BOXES = 58


def draw_ascii(layers: Layers, names: Mapping[str, str], marks: Mapping[str, NodeMark]) -> str:
    """Draw `+ - |` for what always runs, `. :` for what depends, `'` for what was not taken."""
    widest = max(sum(bool(layers.units[index].nodes) for index in row) for row in layers.rows)
    limit = ROOM_FOR_BOXES // widest - 2 * METRICS.padding[0]

    def caption(node: str) -> Caption:
        mark = marks.get(node, NodeMark())
        sign = SIGNS[mark.state] if mark.state else ""
        texts = (sign + names[node], *mark.lines)
        return tuple(line for text in texts for line in wrap(text, limit))

    picture = compose(layers, {node: caption(node) for node in names}, METRICS)
    canvas = [[" "] * picture.width for _ in range(picture.height)]
    _draw_routes(canvas, picture)
    _draw_boxes(canvas, picture)
    for label in picture.labels:
        _write(canvas, label.x, label.y, label.text)
    used = {mark.state for mark in marks.values()}
    signs = [sign + state for state, sign in SIGNS.items() if state in used]
    if any(route.faint for route in picture.routes):
        signs.append(f"{FAINT * 3} not taken")
    legend = "  ".join(signs)
    lines = ["".join(row).rstrip() for row in canvas]
    return "\n".join([*lines, legend] if legend else lines) + "\n"


def _write(canvas: list[list[str]], x: int, y: int, text: str) -> None:
    canvas[y][x : x + len(text)] = text


def _draw_routes(canvas: list[list[str]], picture: Picture) -> None:
    heads: dict[Point, str] = {}
    # What always runs is drawn last, over what only may, and that over what was not taken.
    for route in sorted(picture.routes, key=lambda route: (not route.faint, not route.conditional)):
        across, down = FAINT * 2 if route.faint else ".:" if route.conditional else "-|"
        *middle, (x, y) = route.points
        sideways = middle[-1][1] == y
        heads[(x, y) if sideways else (x, y - 1)] = "<" if sideways else "v"
        for (x0, y0), (x1, y1) in pairwise([*middle, (x, y if sideways else y - 1)]):
            for row in range(min(y0, y1), max(y0, y1) + 1):
                for column in range(min(x0, x1), max(x0, x1) + 1):
                    line = across if y0 == y1 else down
                    same = canvas[row][column] in (" ", FAINT, *("-." if y0 == y1 else "|:"))
                    canvas[row][column] = line if same else "+"
        for column, row in middle[1:]:
            canvas[row][column] = FAINT if route.faint else "+"
    for (x, y), head in heads.items():
        canvas[y][x] = head


def _draw_boxes(canvas: list[list[str]], picture: Picture) -> None:
    for frame in picture.frames:
        _outline(canvas, frame.x, frame.y, frame.width, frame.height, "+=|")
        _write(canvas, frame.x + 2, frame.y, f" {frame.title} ")
    for box in picture.boxes:
        _outline(canvas, box.x, box.y, box.width, box.height, "+-|")
        top = box.y + (box.height - len(box.caption)) // 2
        for offset, line in enumerate(box.caption):
            _write(canvas, box.x + (box.width - len(line)) // 2, top + offset, line)


def _outline(
    canvas: list[list[str]], x: int, y: int, width: int, height: int, strokes: str
) -> None:
    corner, across, down = strokes
    for row in (y, y + height - 1):
        _write(canvas, x, row, corner + across * (width - 2) + corner)
    for row in range(y + 1, y + height - 1):
        canvas[row][x] = canvas[row][x + width - 1] = down
