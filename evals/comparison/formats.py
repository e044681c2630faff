"""Numbers of a comparison as people read them."""

from collections.abc import Mapping
from math import isinf, isnan

from magnet.evals.comparison.results import Unit
from magnet.evals.quality.results import Measured
from magnet.evals.statistics.bootstrap import Interval
from magnet.state.table import Cell

_FORMATS: Mapping[Unit, str] = {
    "share": ".1%",
    "words": ".0f",
    "grade": ".1f",
    "index": ".2f",
    "ratio": ".4f",
    "points": ".2f",
    "count": ".1f",
    "tokens": ",.0f",
    "seconds": ".1f",
    "money": ".4f",
}
_MINUS = "\N{MINUS SIGN}"
SIGNIFICANT = 0.05
"""Level of the tests, over all that are adjusted together."""


def shown(value: float | None, unit: Unit = "index", *, signed: bool = False) -> str:
    """Return a value in its unit; nothing for one that is missing or undefined."""
    if value is None or isnan(value):
        return ""
    if isinf(value):
        return "∞" if value > 0 else f"{_MINUS}∞"
    text = format(value, ("+" if signed else "") + _FORMATS[unit])
    # A difference that is rounded to nothing has no direction.
    if signed and not text.strip("+-0.%"):
        return text.lstrip("+-")
    return text.replace("-", _MINUS)


def with_interval(found: Measured | Interval, unit: Unit = "index", *, signed: bool = False) -> str:
    """Return an estimate with its interval in brackets, as far as it has one."""
    estimate = found.value if isinstance(found, Measured) else found.estimate
    text = shown(estimate, unit, signed=signed)
    low, high = (shown(bound, unit, signed=signed) for bound in (found.low, found.high))
    return f"{text} ({low} to {high})" if low and high else text


def interval_cell(
    found: Measured | Interval, unit: Unit = "index", *, signed: bool = False, mark: str = ""
) -> Cell:
    """Return an estimate as a cell of a table, read as `with_interval` has it.

    Args:
        found: The estimate.
        unit: Its unit.
        signed: Whether a positive one has a sign.
        mark: What stands behind it, such as that of a significant difference.
    """
    estimate = found.value if isinstance(found, Measured) else found.estimate
    text = with_interval(found, unit, signed=signed) + mark
    return Cell(estimate, text, found.low, found.high)


def p_cell(p: float, mark: str = "") -> Cell:
    """Return a p-value as a cell of a table, with what stands behind it."""
    return Cell(p, p_shown(p) + mark)


def p_shown(p: float) -> str:
    """Return a p-value; one that permutations cannot resolve is told as a bound."""
    return "<0.001" if p < 0.001 else f"{p:.3f}"
