"""The plots of a report, as SVG that takes its ink from the page around it."""

import io
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any

from magnet.evals.comparison.results import Comparison, FamilyComparison, MeasureComparison
from magnet.evals.quality import MEASURES, measure_quality
from magnet.evals.quality.plots import exchange_chart
from magnet.evals.report.sections import Figure
from magnet.evals.scales.files import scales
from magnet.store import Session

_OVER_TURNS = ("client_near_duplicates", "counselor_questions", "counselor_words", "client_words")
# Okabe and Ito's colors that stand out on white and on near-black alike, the darkest and the
# lightest left out; arms differ by shape too.
_COLORS = ("#0a7bbd", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#8f6ed5", "#7f8c8d")
_INK = "currentColor"
# Labels are laid out by the first of these; a browser may have another, a little wider.
_FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
_WIDTH, _LABEL, _ROW = 300, 230, 16
_PADDING = {"left": 44, "top": 6, "right": 24, "bottom": 8}

_Row = Mapping[str, str | float | None]


def judged_figures(comparison: Comparison) -> Iterator[Figure]:
    """Draw what is judged, side by side: measures, and of a change each attitude."""
    arms = [arm.name for arm in comparison.arms]
    for family in comparison.families:
        if family.judge and family.overall:
            title = f"{family.title}, judge {family.judge}"
            yield _means_figure(title, family.overall, arms)
            if scales()[family.metric].change and family.composed:
                rows = [row for part in _by_attitude(family) for row in part]
                yield _figure(f"{title}, by attitude", rows, arms, "change, 95 % interval")


def calls_figures(comparison: Comparison) -> Iterator[Figure]:
    """Draw calls, tokens, seconds and cost of a session, side by side."""
    arms = [arm.name for arm in comparison.arms]
    for family in comparison.families:
        if family.metric == "calls" and family.overall:
            yield _means_figure("what a session takes", family.overall, arms)


def turns_figures(arms: Mapping[str, Sequence[Session]]) -> Iterator[Figure]:
    """Draw quality over the exchanges of a session, a line for each arm."""
    measures = [MEASURES[name] for name in _OVER_TURNS]
    found = {arm: measure_quality(sessions, measures) for arm, sessions in arms.items()}
    for measure in measures:
        runs = {arm: quality.measures[measure.name].by_exchange for arm, quality in found.items()}
        if any(len(by_exchange) > 1 for by_exchange in runs.values()):
            yield Figure(
                title=f"{measure.label}, over a session",
                svg=_svg(exchange_chart(measure, runs).properties(title="")),
                note="Bands: 95 % intervals, clients resampled. Level lines: the aim, if any.",
            )


def _means_figure(
    title: str, measures: Mapping[str, MeasureComparison], arms: Sequence[str]
) -> Figure:
    """Draw measures under each other; of different units each gets a panel of its own."""
    apart = len({one.unit for one in measures.values()}) > 1
    rows = [
        row
        for one in measures.values()
        for row in (_of_measure(one.label, "", one) if apart else _of_measure("", one.label, one))
    ]
    return _figure(title, rows, arms, "mean, 95 % interval", apart=apart)


def _by_attitude(family: FamilyComparison) -> Iterator[list[_Row]]:
    for name, whole in family.overall.items():
        for attitude, measures in family.by_attitude.items():
            if name in measures:
                yield _of_measure(whole.label, f"{attitude} clients", measures[name])


def _of_measure(panel: str, label: str, measure: MeasureComparison) -> list[_Row]:
    return [
        {
            "panel": panel,
            "label": label,
            "arm": arm,
            "value": mean.value,
            "low": mean.value if mean.low is None else mean.low,
            "high": mean.value if mean.high is None else mean.high,
        }
        for arm, mean in measure.means.items()
    ]


def _figure(
    title: str,
    rows: Sequence[_Row],
    arms: Sequence[str],
    axis: str,
    *,
    apart: bool = False,
) -> Figure:
    """Draw means as points with their intervals as rules."""
    altair: Any = import_module("altair")
    base = altair.Chart(altair.Data(values=rows))
    legend = altair.Legend(orient="top", columns=2, labelLimit=0)
    scale = altair.Scale(domain=arms)
    places = {
        "y": altair.Y("label:N", title=None, sort=None, axis=altair.Axis(labelLimit=_LABEL)),
        "yOffset": altair.YOffset("arm:N", sort=arms),
        "color": altair.Color("arm:N", title=None, scale=scale, legend=legend),
    }
    # Amounts of different units stand on scales of their own, each from nothing on.
    scale_x = altair.Scale(zero=True) if apart else altair.Scale(zero=False, padding=8)
    x = altair.X("low:Q", title=axis, axis=altair.Axis(tickCount=6), scale=scale_x)
    shape = altair.Shape("arm:N", title=None, scale=scale)
    points = base.mark_point(filled=True, size=70, opacity=1)
    layers = altair.layer(
        base.mark_rule(strokeWidth=2).encode(x=x, x2="high:Q", **places),
        points.encode(x=altair.X("value:Q", title=axis), shape=shape, **places),
    )
    chart = layers.properties(width=_WIDTH, height=altair.Step(_ROW))
    panels = list(dict.fromkeys(row["panel"] for row in rows))
    if len(panels) > 1:
        header = altair.Header(labelOrient="top", labelAnchor="start", labelFontWeight="bold")
        facet = altair.Facet("panel:N", title=None, sort=panels, header=header)
        chart = chart.facet(facet=facet, columns=1)
    if apart:
        chart = chart.resolve_scale(x="independent")
    return Figure(title=title, svg=_svg(chart))


def _svg(chart: Any) -> str:
    inked = dict.fromkeys(("labelColor", "titleColor"), _INK)
    lines = dict.fromkeys(("gridColor", "domainColor", "tickColor"), _INK)
    # Of numbers that would run into each other every other one is left out; none is moved inwards.
    labels = {"labelOverlap": "parity", "labelSeparation": 6, "labelFlush": False}
    chart = (
        chart.configure(background="transparent", font=_FONT, padding=_PADDING)
        .configure_axis(
            gridOpacity=0.15, labelFontSize=12, titleFontSize=12, **labels, **inked, **lines
        )
        .configure_legend(labelFontSize=12, symbolOpacity=1, **inked)
        .configure_header(labelFontSize=12, **inked)
        .configure_title(color=_INK, subtitleColor=_INK)
        .configure_range(category=list(_COLORS))
        .configure_view(stroke=None)
    )
    written = io.StringIO()
    chart.save(written, format="svg")
    return written.getvalue()
