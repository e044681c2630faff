"""All measures of the quality table, by family, in the order in which they are shown."""

from collections.abc import Mapping
from typing import Any

from magnet.evals.quality import (
    adherence,
    artifacts,
    ending,
    lengths,
    openings,
    plans,
    repetition,
    techniques,
    vocabulary,
)
from magnet.evals.quality.measure import Measure

FAMILIES: Mapping[str, tuple[Measure[Any], ...]] = {
    "repetition": repetition.MEASURES,
    "openings and questions": openings.MEASURES,
    "what does not belong in speech": artifacts.MEASURES,
    "ending": ending.MEASURES,
    "lengths": lengths.MEASURES,
    "plans": plans.MEASURES,
    "plan adherence": adherence.MEASURES,
    "techniques": techniques.MEASURES,
    "language": vocabulary.MEASURES,
}

MEASURES: Mapping[str, Measure[Any]] = {
    measure.name: measure for family in FAMILIES.values() for measure in family
}
