"""Places for the units of a layered graph: sizes, then x along the layers, then y down them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from magnet.graph.drawing.layers import Layers
from magnet.graph.drawing.picture import Box, Caption, Metrics, Point

ALIGNMENT_SWEEPS = 24


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a unit, and of the grid of equal boxes in it."""

    width: int
    height: int
    columns: int = 1
    box: Point = (0, 0)


@dataclass(frozen=True, slots=True)
class Area:
    """The place of a unit; a bend is one unit of length wide and as high as its layer."""

    x: int
    y: int
    width: int
    height: int

    @property
    def center(self) -> int:
        """The x where links leave and arrive."""
        return self.x + self.width // 2

    @property
    def middle(self) -> int:
        """The y where back links leave and arrive."""
        return self.y + self.height // 2


def measure(
    layers: Layers, captions: Mapping[str, Caption], metrics: Metrics, reserved: int
) -> list[Size]:
    """Size each unit; groups wrap so that a layer keeps to the width less what is reserved."""
    free: dict[int, int] = {}
    for row in layers.rows:
        total = metrics.width - reserved - 2 * metrics.margin - (len(row) - 1) * metrics.gap[0]
        free.update(dict.fromkeys(row, total // len(row)))

    def size(index: int) -> Size:
        unit = layers.units[index]
        if not unit.nodes:
            return Size(1, 0)
        texts = [captions[node] for node in unit.nodes]
        width = max(metrics.text_width(text) for text in texts) + 2 * metrics.padding[0]
        height = max(len(text) for text in texts) * metrics.line + 2 * metrics.padding[1]
        if not unit.title:
            return Size(width, height, 1, (width, height))
        pad_x, pad_y = metrics.frame
        fit = max(1, (free[index] - 2 * pad_x + metrics.gap[0]) // (width + metrics.gap[0]))
        lines = -(-len(texts) // fit)
        columns = -(-len(texts) // lines)
        title = metrics.label_width(unit.title) + metrics.label[0]
        return Size(
            max(title, columns * (width + metrics.gap[0]) - metrics.gap[0]) + 2 * pad_x,
            lines * (height + metrics.gap[1]) - metrics.gap[1] + 2 * pad_y + metrics.frame_title,
            columns,
            (width, height),
        )

    return [size(index) for index in range(len(layers.units))]


def place_columns(layers: Layers, sizes: Sequence[Size], metrics: Metrics) -> dict[int, int]:
    """Give each unit's left x, units above each other where their links run straight."""
    gap = metrics.gap[0]
    width = max(sum(sizes[i].width + gap for i in row) - gap for row in layers.rows)
    neighbors: dict[int, list[int]] = defaultdict(list)
    for link in layers.forward:
        for above, below in pairwise(link.path):
            neighbors[above].append(below)
            neighbors[below].append(above)
    center: dict[int, float] = {}
    for row in layers.rows:
        left = width // 2 - (sum(sizes[i].width + gap for i in row) - gap) // 2
        for index in row:
            center[index] = left + sizes[index].width // 2
            left += sizes[index].width + gap
    for sweep in range(ALIGNMENT_SWEEPS):
        for row in layers.rows[:: 1 if sweep % 2 else -1]:
            wanted = {
                index: sum(center[n] for n in neighbors[index]) / len(neighbors[index])
                if neighbors[index]
                else center[index]
                for index in row
            }
            center.update(_spread(row, wanted, sizes, gap, width))
    return {
        index: metrics.margin + int(middle) - sizes[index].width // 2
        for index, middle in center.items()
    }


def _spread(
    row: Sequence[int], wanted: Mapping[int, float], sizes: Sequence[Size], gap: int, width: int
) -> dict[int, float]:
    """Bring centers as near to the wanted ones as units side by side within the width allow.

    Packing from the left and packing from the right are both free of overlaps, and so is
    their mean, which leans to neither side.
    """
    steps = [
        sizes[a].width - sizes[a].width // 2 + gap + sizes[b].width // 2 for a, b in pairwise(row)
    ]
    first = sizes[row[0]].width // 2
    last = width - (sizes[row[-1]].width - sizes[row[-1]].width // 2)
    low = [first + sum(steps[:place]) for place in range(len(row))]
    high = [last - sum(steps[place:]) for place in range(len(row))]
    near = [min(max(wanted[index], low[place]), high[place]) for place, index in enumerate(row)]
    from_left, from_right = near.copy(), near.copy()
    for place, step in enumerate(steps, 1):
        from_left[place] = max(near[place], from_left[place - 1] + step)
        from_right[-place - 1] = min(near[-place - 1], from_right[-place] - steps[-place])
    return {index: (from_left[place] + from_right[place]) / 2 for place, index in enumerate(row)}


def boxes_in(
    nodes: Sequence[str], captions: Mapping[str, Caption], area: Area, size: Size, metrics: Metrics
) -> list[Box]:
    """Lay out a unit's boxes on its grid; a last row that is not full stands in the middle."""
    width, height = size.box
    grouped = len(nodes) > 1
    top = area.y + (metrics.frame[1] + metrics.frame_title if grouped else 0)
    step_x, step_y = width + metrics.gap[0], height + metrics.gap[1]
    boxes: list[Box] = []
    for start in range(0, len(nodes), size.columns):
        row = nodes[start : start + size.columns]
        left = area.center - (len(row) * step_x - metrics.gap[0]) // 2
        y = top + start // size.columns * step_y
        boxes += [
            Box(node, captions[node], left + place * step_x, y, width, height)
            for place, node in enumerate(row)
        ]
    return boxes
