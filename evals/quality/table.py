"""The quality table on the terminal: runs side by side, beside what was published and the aim."""

from collections.abc import Mapping
from typing import Any

from rich.markup import escape
from rich.table import Table

from magnet.evals.quality.families import FAMILIES, MEASURES
from magnet.evals.quality.measure import Measure, Unit
from magnet.evals.quality.results import Measured, Quality
from magnet.state.attitude import Attitude
from magnet.state.utterance import Speaker

_FORMATS: Mapping[Unit, str] = {
    "share": "{:.1%}",
    "words": "{:.0f}",
    "grade": "{:.1f}",
    "index": "{:.2f}",
}
_RARE = 0.0005
_EVERY_EXCHANGES = 5
_CAPTION = (
    "In brackets: 95 % intervals, clients resampled. ! misses the aim. published: the 442 sessions "
    "of arXiv 2509.04183."
)


def quality_table(columns: Mapping[str, Quality], reference: Quality | None = None) -> Table:
    """Lay out the tables of sets of sessions, a column each; the reference is not judged."""
    references = {} if reference is None else {"reference": reference}
    table = Table(title="quality", caption=_CAPTION)
    table.add_column("measure")
    for heading in (*_headings(columns), "published", *_headings(references), "aim"):
        table.add_column(heading, justify="right")
    for family in FAMILIES.values():
        for measure in family:
            table.add_row(
                measure.label,
                *(_judged(measure, q.measures[measure.name].overall) for q in columns.values()),
                "" if measure.published is None else _shown(measure, measure.published),
                *(
                    _with_interval(measure, q.measures[measure.name].overall)
                    for q in references.values()
                ),
                _aim(measure),
            )
        table.add_section()
    return table


def breakdown_table(name: str, quality: Quality) -> Table:
    """Lay out one set of sessions by role, attitude and exchange."""
    last = max((e for m in quality.measures.values() for e in m.by_exchange), default=0)
    exchanges = [1, *range(_EVERY_EXCHANGES, last + 1, _EVERY_EXCHANGES)]
    table = Table(title=f"{escape(name)}, by role, attitude and exchange")
    for heading in ("measure", *Speaker, *Attitude, *(f"at {exchange}" for exchange in exchanges)):
        table.add_column(heading, justify="left" if heading == "measure" else "right")
    for family in FAMILIES.values():
        for measure in family:
            result = quality.measures[measure.name]
            groups = [
                *map(result.by_role.get, Speaker),
                *map(result.by_attitude.get, Attitude),
                *map(result.by_exchange.get, exchanges),
            ]
            cells = ["" if group is None else _shown(measure, group.value) for group in groups]
            table.add_row(measure.label, *cells)
        table.add_section()
    return table


def names_table(columns: Mapping[str, Quality]) -> Table:
    """Lay out the commonest names of the measures that tally names: openings, techniques."""
    table = Table(title="the commonest", show_lines=True)
    for heading in ("measure", *map(escape, columns)):
        table.add_column(heading)
    for name, measure in MEASURES.items():
        cells = [
            "\n".join(f"{share:.1%} {escape(of)}" for of, share in q.measures[name].names.items())
            for q in columns.values()
        ]
        if any(cells):
            table.add_row(measure.label, *cells)
    return table


def _headings(columns: Mapping[str, Quality]) -> list[str]:
    return [
        f"{escape(name)}\nsessions: {quality.sessions}, clients: {quality.clients}"
        for name, quality in columns.items()
    ]


def _shown(measure: Measure[Any], value: float) -> str:
    # A flaw that is rare must not look like one that never occurs.
    if measure.unit == "share" and 0 < value < _RARE:
        return "<0.1%"
    return _FORMATS[measure.unit].format(value)


def _with_interval(measure: Measure[Any], measured: Measured | None) -> str:
    if measured is None:
        return ""
    shown = _shown(measure, measured.value)
    if measured.low is None or measured.high is None:
        return shown
    return f"{shown} ({_shown(measure, measured.low)} to {_shown(measure, measured.high)})"


def _judged(measure: Measure[Any], measured: Measured | None) -> str:
    text = _with_interval(measure, measured)
    met = measured and measure.meets_aim(measured.value)
    return f"[red]! {text}[/]" if met is False else text


def _aim(measure: Measure[Any]) -> str:
    format_ = "{:.0%}" if measure.unit == "share" else _FORMATS[measure.unit]
    least, most = (
        None if bound is None else format_.format(bound)
        for bound in (measure.at_least, measure.at_most)
    )
    if least and most:
        return f"{least} to {most}"
    return f"at least {least}" if least else f"at most {most}" if most else ""
