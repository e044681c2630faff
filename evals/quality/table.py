"""The quality table: runs side by side, beside what was published and the aim."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from magnet.evals.quality.families import FAMILIES, MEASURES
from magnet.evals.quality.measure import Measure, Unit
from magnet.evals.quality.results import Measured, Quality
from magnet.state.attitude import Attitude
from magnet.state.table import Cell, Column, Row, Table, columns_of
from magnet.state.utterance import Speaker

_FORMATS: Mapping[Unit, str] = {
    "share": "{:.1%}",
    "words": "{:.0f}",
    "grade": "{:.1f}",
    "index": "{:.2f}",
}
_GROUPS = tuple(map(len, FAMILIES.values()))
_RARE = 0.0005
_EVERY_EXCHANGES = 5
_NOTE = (
    "In brackets: 95 % intervals, clients resampled. ! misses the aim. published: the 442 sessions "
    "of arXiv 2509.04183."
)


def quality_table(columns: Mapping[str, Quality], reference: Quality | None = None) -> Table:
    """Return sets of sessions side by side, a column each; the reference is not judged."""
    references = {} if reference is None else {"reference": reference}
    return Table(
        title="quality",
        columns=[
            Column("measure"),
            *_columns(columns),
            Column("published", "number"),
            *_columns(references),
            # Which way it bounds is in words.
            Column("aim", "number"),
        ],
        rows=[
            (
                measure.label,
                *(_judged(measure, q.measures[measure.name].overall) for q in columns.values()),
                _cell(measure, measure.published),
                *(
                    _with_interval(measure, q.measures[measure.name].overall)
                    for q in references.values()
                ),
                _aim(measure),
            )
            for measure in MEASURES.values()
        ],
        note=_NOTE,
        groups=_GROUPS,
    )


def breakdown_table(name: str, quality: Quality) -> Table:
    """Return one set of sessions by role, attitude and exchange."""
    last = max((e for m in quality.measures.values() for e in m.by_exchange), default=0)
    exchanges = [1, *range(_EVERY_EXCHANGES, last + 1, _EVERY_EXCHANGES)]
    rows: list[Row] = []
    for measure in MEASURES.values():
        result = quality.measures[measure.name]
        groups = [
            *map(result.by_role.get, Speaker),
            *map(result.by_attitude.get, Attitude),
            *map(result.by_exchange.get, exchanges),
        ]
        values = (None if group is None else group.value for group in groups)
        rows.append((measure.label, *(_cell(measure, value) for value in values)))
    return Table(
        title=f"{name}, by role, attitude and exchange",
        columns=columns_of(
            "measure", *Speaker, *Attitude, *(f"at {exchange}" for exchange in exchanges)
        ),
        rows=rows,
        groups=_GROUPS,
    )


def names_table(columns: Mapping[str, Quality]) -> Table:
    """Return the commonest names of the measures that tally names: openings, techniques."""
    rows: list[list[str]] = []
    for name, measure in MEASURES.items():
        cells = [
            "\n".join(f"{share:.1%} {of}" for of, share in q.measures[name].names.items())
            for q in columns.values()
        ]
        if any(cells):
            rows.append([measure.label, *cells])
    return Table(
        title="the commonest",
        columns=columns_of("measure", *columns, text=1 + len(columns)),
        rows=rows,
        groups=(1,) * len(rows),
    )


def _columns(columns: Mapping[str, Quality]) -> list[Column]:
    return [
        Column(name, "interval", f"sessions: {quality.sessions}, clients: {quality.clients}")
        for name, quality in columns.items()
    ]


def _cell(measure: Measure[Any], value: float | None) -> Cell:
    return Cell(value, "" if value is None else _shown(measure, value))


def _shown(measure: Measure[Any], value: float) -> str:
    # A flaw that is rare must not look like one that never occurs.
    if measure.unit == "share" and 0 < value < _RARE:
        return "<0.1%"
    return _FORMATS[measure.unit].format(value)


def _with_interval(measure: Measure[Any], measured: Measured | None) -> Cell | None:
    if measured is None:
        return None
    text = _shown(measure, measured.value)
    if measured.low is not None and measured.high is not None:
        text += f" ({_shown(measure, measured.low)} to {_shown(measure, measured.high)})"
    return Cell(measured.value, text, measured.low, measured.high)


def _judged(measure: Measure[Any], measured: Measured | None) -> Cell | None:
    cell = _with_interval(measure, measured)
    if cell is None or measured is None or measure.meets_aim(measured.value) is not False:
        return cell
    return replace(cell, text=f"! {cell.text}", flagged=True)


def _aim(measure: Measure[Any]) -> str:
    format_ = "{:.0%}" if measure.unit == "share" else _FORMATS[measure.unit]
    least, most = (
        None if bound is None else format_.format(bound)
        for bound in (measure.at_least, measure.at_most)
    )
    if least and most:
        return f"{least} to {most}"
    return f"at least {least}" if least else f"at most {most}" if most else ""
