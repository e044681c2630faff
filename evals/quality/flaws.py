"""The measured flaws that a dataset card tells of."""

from collections.abc import Sequence

from magnet.evals.quality.families import MEASURES
from magnet.evals.quality.measuring import measure_values
from magnet.store.formats import CardMeasure
from magnet.store.records import Session


def flaw_measures(sessions: Sequence[Session]) -> list[CardMeasure]:
    """Measure the flaws of sessions, for their dataset card; the opening pair is left out."""
    shares = {
        measure: measure.published
        for measure in MEASURES.values()
        if measure.unit == "share" and measure.published is not None
    }
    found = measure_values(sessions, shares)
    return [
        CardMeasure(
            label=measure.label,
            share=found[measure.name],
            published=published,
            at_least=0.0 if measure.at_least is None else measure.at_least,
            at_most=1.0 if measure.at_most is None else measure.at_most,
        )
        for measure, published in shares.items()
        if measure.name in found
    ]
