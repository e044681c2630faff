"""The paths of links between placed units, and the whole picture of a layered graph.

Links never run through a box. Forward links turn in the channel under their layer, on a track for
each unit that they leave. Back links climb in lanes at the right, one for each unit and label;
they leave and arrive at the side of a unit where it is the last of its layer, else by a track.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from magnet.graph.drawing.layers import Layers, Link
from magnet.graph.drawing.picture import Caption, Frame, Label, Metrics, Picture, Point, Route
from magnet.graph.drawing.placement import Area, Size, boxes_in, measure, place_columns

Track = tuple[Literal["forward", "out", "in"], int]
Lane = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """Areas of the units, the y of each track in use, and the lower end of it all."""

    areas: dict[int, Area]
    tracks: dict[Track, int]
    height: int


def compose(layers: Layers, captions: Mapping[str, Caption], metrics: Metrics) -> Picture:
    """Place and route a layered graph; `captions` holds the lines of text of each node."""
    lanes = _lane_widths(layers, metrics)
    sizes = measure(layers, captions, metrics, reserved=sum(lanes.values()))
    columns = place_columns(layers, sizes, metrics)
    plan = _plan_rows(layers, sizes, columns, metrics)
    right = max(area.x + area.width for area in plan.areas.values())
    lane_x: dict[Lane, int] = {}
    for lane, width in lanes.items():
        lane_x[lane] = right + metrics.lane
        right += width
    forward = [_forward(link, plan) for link in layers.forward]
    back = [_back(link, plan, lane_x[link.path[0], link.label]) for link in layers.back]
    labels = _arrival_labels(layers.forward, forward, metrics)
    labels += _lane_labels(layers.back, plan, lane_x, metrics)
    ends = [label.x + metrics.label_width(label.text) for label in labels]
    return Picture(
        width=max(right, *ends, 0) + metrics.margin,
        height=plan.height + metrics.margin,
        boxes=[
            box
            for index, unit in enumerate(layers.units)
            for box in boxes_in(unit.nodes, captions, plan.areas[index], sizes[index], metrics)
        ],
        frames=[
            Frame(unit.title, area.x, area.y, area.width, area.height)
            for unit, area in ((unit, plan.areas[i]) for i, unit in enumerate(layers.units))
            if unit.title
        ],
        routes=forward + back,
        labels=labels,
    )


def _tracks(layers: Layers, columns: Mapping[int, int], sizes: Sequence[Size]) -> list[list[Track]]:
    """List the tracks of the channel above each layer, and of the one under the last layer."""
    layer = {index: number for number, row in enumerate(layers.rows) for index in row}
    center = {index: x + sizes[index].width // 2 for index, x in columns.items()}
    last = {row[-1] for row in layers.rows}
    targets = {link.path[-1] for link in layers.back}
    found: list[dict[Track, None]] = [{} for _ in range(len(layers.rows) + 1)]
    for link in layers.forward:
        for above, below in pairwise(link.path):
            if center[above] != center[below]:
                found[layer[below]]["forward", above] = None
    for source, target in (link.path for link in layers.back):
        # The side of a unit that back links arrive at is not free for one to leave.
        if source not in last or source in targets:
            found[layer[source] + 1]["out", source] = None
        if target not in last:
            found[layer[target]]["in", target] = None
    return [list(channel) for channel in found]


def _plan_rows(
    layers: Layers, sizes: Sequence[Size], columns: Mapping[int, int], metrics: Metrics
) -> Plan:
    areas: dict[int, Area] = {}
    track_y: dict[Track, int] = {}
    channels = _tracks(layers, columns, sizes)
    y = metrics.margin
    for number, channel in enumerate(channels):
        if channel or 0 < number < len(layers.rows):
            first = y + metrics.rise
            track_y |= {track: first + place * metrics.track for place, track in enumerate(channel)}
            y = first + len(channel) * metrics.track + metrics.drop
        if number < len(layers.rows):
            height = max(sizes[index].height for index in layers.rows[number])
            for index in layers.rows[number]:
                own = sizes[index].height or height
                top = y + (height - own) // 2
                areas[index] = Area(columns[index], top, sizes[index].width, own)
            y += height
    return Plan(areas, track_y, y)


def _forward(link: Link, plan: Plan) -> Route:
    start = plan.areas[link.path[0]]
    points: list[Point] = [(start.center, start.y + start.height)]
    for above, below in pairwise(link.path):
        x, target = plan.areas[above].center, plan.areas[below].center
        if x != target:
            y = plan.tracks["forward", above]
            points += [(x, y), (target, y)]
    end = plan.areas[link.path[-1]]
    return Route((*points, (end.center, end.y)), link.conditional, link.faint)


def _back(link: Link, plan: Plan, lane: int) -> Route:
    source, target = link.path
    start, end = plan.areas[source], plan.areas[target]
    leave = plan.tracks.get(("out", source))
    arrive = plan.tracks.get(("in", target))
    first: list[Point] = (
        [(start.x + start.width, start.middle), (lane, start.middle)]
        if leave is None
        else [(start.center, start.y + start.height), (start.center, leave), (lane, leave)]
    )
    last: list[Point] = (
        [(lane, end.middle), (end.x + end.width, end.middle)]
        if arrive is None
        else [(lane, arrive), (end.center, arrive), (end.center, end.y)]
    )
    return Route((*first, *last), link.conditional, link.faint)


def _lane_widths(layers: Layers, metrics: Metrics) -> dict[Lane, int]:
    """Give the lanes of the back links, the shortest and so innermost one first."""
    layer = {index: number for number, row in enumerate(layers.rows) for index in row}
    span: dict[Lane, int] = defaultdict(int)
    for link in layers.back:
        lane = link.path[0], link.label
        span[lane] = max(span[lane], layer[link.path[0]] - layer[link.path[1]])
    return {
        lane: metrics.lane + metrics.label[0] + metrics.label_width(lane[1])
        for lane in sorted(span, key=lambda lane: span[lane])
    }


def _lane_labels(
    links: Sequence[Link], plan: Plan, lane_x: Mapping[Lane, int], metrics: Metrics
) -> list[Label]:
    """Write each lane's label once, under the unit that it leads back to."""
    labels: dict[Lane, Label] = {}
    for link in links:
        lane, end = (link.path[0], link.label), plan.areas[link.path[1]]
        place = lane_x[lane] + metrics.label[0], end.y + end.height + metrics.label[1]
        if link.label:
            labels.setdefault(lane, Label(link.label, *place))
    return list(labels.values())


def _arrival_labels(
    links: Sequence[Link], routes: Sequence[Route], metrics: Metrics
) -> list[Label]:
    """Write the labels of links that arrive at the same place as one text."""
    texts: dict[Point, dict[str, None]] = defaultdict(dict)
    for link, route in zip(links, routes, strict=True):
        if link.label:
            texts[route.points[-1]][link.label] = None
    return [
        Label(", ".join(found), x + metrics.label[0], y - metrics.label[1])
        for (x, y), found in texts.items()
    ]
