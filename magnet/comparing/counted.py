"""What is counted in each session: quality, and the model calls that it took."""

from collections.abc import Sequence

from evals.comparison.families import Family
from evals.quality import FAMILIES, measure_values
from store import Session


def quality_families(sessions: Sequence[Session]) -> list[Family]:
    """Give the quality measures of each session, every family of the quality table by itself.

    Measures of a whole run are left out: which openings are common, how plans are spread.
    """
    families = {
        title: [measure for measure in measures if not measure.of_run]
        for title, measures in FAMILIES.items()
    }
    every = [measure for measures in families.values() for measure in measures]
    values = {session.id: {**measure_values([session], every)} for session in sessions}
    return [
        Family(
            metric="quality",
            title=f"quality: {title}",
            measures={measure.name: (measure.label, measure.unit) for measure in measures},
            values=values,
        )
        for title, measures in families.items()
    ]
