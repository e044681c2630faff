"""Quality: what can be counted in sessions, beside what was published and what to aim for."""

from evals.quality.families import FAMILIES, MEASURES
from evals.quality.measure import Measure
from evals.quality.measuring import measure_quality, measure_values
from evals.quality.results import MeasureResult, Quality

__all__ = [
    "FAMILIES",
    "MEASURES",
    "Measure",
    "MeasureResult",
    "Quality",
    "measure_quality",
    "measure_values",
]
