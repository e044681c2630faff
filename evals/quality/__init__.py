"""Quality: what can be counted in sessions, beside what was published and what to aim for."""

from magnet.evals.quality.families import FAMILIES, MEASURES
from magnet.evals.quality.measure import Measure
from magnet.evals.quality.measuring import measure_quality, measure_values
from magnet.evals.quality.results import MeasureResult, Quality

__all__ = [
    "FAMILIES",
    "MEASURES",
    "Measure",
    "MeasureResult",
    "Quality",
    "measure_quality",
    "measure_values",
]
