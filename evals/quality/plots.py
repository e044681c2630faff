"""Plots of the measures over the exchanges of a session, with a reference as a band."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from magnet.evals.quality.families import MEASURES
from magnet.evals.quality.measure import Measure
from magnet.evals.quality.results import Measured, Quality

_WIDTH, _HEIGHT = 420, 240
_GREY = "#777777"


def write_plots(
    columns: Mapping[str, Quality], reference: Quality | None, folder: Path
) -> list[Path]:
    """Write an SVG for each measure that is observed exchange by exchange.

    Raises:
        ModuleNotFoundError: if altair, or vl-convert-python that it draws with, is not installed.
        OSError: if a file cannot be written.
    """
    import_module("vl_convert")
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for name, measure in MEASURES.items():
        runs = {run: quality.measures[name].by_exchange for run, quality in columns.items()}
        if any(len(by_exchange) > 1 for by_exchange in runs.values()):
            path = folder / f"{name}.svg"
            exchange_chart(measure, runs, reference).save(str(path))
            written.append(path)
    return written


def exchange_chart(
    measure: Measure[Any],
    runs: Mapping[str, Mapping[int, Measured]],
    reference: Quality | None = None,
) -> Any:
    """Draw a measure over the exchanges of a session, as an Altair chart.

    Args:
        measure: which.
        runs: its values by the name of a run and exchange.
        reference: drawn as a band.

    Raises:
        ModuleNotFoundError: if altair is not installed.
    """
    altair = import_module("altair")
    format_ = ".0%" if measure.unit == "share" else ".3~g"
    x = altair.X("exchange:Q", title="exchange", axis=altair.Axis(tickMinStep=1, grid=False))
    y = altair.Y("value:Q", title=None, axis=altair.Axis(format=format_))
    band = {"y": altair.Y("low:Q"), "y2": "high:Q"}
    legend = altair.Legend(orient="top", symbolOpacity=1)
    color = altair.Color("run:N", title=None, sort=list(runs), legend=legend)

    layers: list[Any] = []
    notes: list[str] = []
    if reference is not None:
        grey = altair.Chart(_data(altair, {"": reference.measures[measure.name].by_exchange}))
        layers += [
            grey.mark_area(color=_GREY, opacity=0.25).encode(x=x, **band),
            grey.mark_line(color=_GREY, strokeDash=[4, 3]).encode(x=x, y=y),
        ]
        notes.append(f"grey: the reference, sessions: {reference.sessions}")
    ours = altair.Chart(_data(altair, runs))
    layers += [
        ours.mark_area(opacity=0.2).encode(x=x, color=color, **band),
        ours.mark_line(point=True).encode(x=x, y=y, color=color),
    ]
    if bounds := [{"value": b} for b in (measure.at_least, measure.at_most) if b is not None]:
        aim = altair.Chart(altair.Data(values=bounds))
        layers.append(aim.mark_rule(color="#2a7f3f").encode(y=y))
        notes.append("green: the aim")
    title = altair.Title(measure.label, subtitle="; ".join(notes), anchor="start")
    return altair.layer(*layers).properties(width=_WIDTH, height=_HEIGHT, title=title)


def _data(altair: Any, runs: Mapping[str, Mapping[int, Measured]]) -> Any:
    return altair.Data(
        values=[
            {"run": run, "exchange": exchange, **measured.model_dump()}
            for run, by_exchange in runs.items()
            for exchange, measured in by_exchange.items()
        ]
    )
