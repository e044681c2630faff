"""The metric `quality`: flaws and habits of language that are counted."""

from collections.abc import Sequence
from functools import partial

from pydantic import JsonValue

from magnet.evals.metrics.metric import CompareRequest, Metric, Request, Result, SessionValues
from magnet.evals.quality import FAMILIES, Quality, measure_quality, measure_values
from magnet.evals.quality.plots import write_plots
from magnet.evals.quality.table import breakdown_table, names_table, quality_table
from magnet.evals.scales.measures import Values


async def _measure(request: Request) -> Result:
    columns = {name: measure_quality(sessions) for name, sessions in request.columns.items()}
    reference = measure_quality(request.reference) if request.reference else None
    return Result(
        tables=[
            quality_table(columns, reference),
            names_table(columns),
            *(breakdown_table(name, measured) for name, measured in columns.items()),
        ],
        data={
            "measures": _describe(),
            "runs": {name: _dump(measured) for name, measured in columns.items()},
            "reference": None if reference is None else _dump(reference),
        },
        plot=partial(write_plots, columns, reference),
    )


def _dump(measured: Quality) -> dict[str, JsonValue]:
    return measured.model_dump(mode="json", exclude_defaults=True)


def _describe() -> dict[str, JsonValue]:
    return {
        measure.name: {
            "family": family,
            "label": measure.label,
            "unit": measure.unit,
            "published": measure.published,
            "at_least": measure.at_least,
            "at_most": measure.at_most,
        }
        for family, measures in FAMILIES.items()
        for measure in measures
    }


async def _by_session(request: CompareRequest, names: Sequence[str]) -> SessionValues:
    """Return the measures of each session, every family of the table by itself.

    Measures of a whole run are left out: which openings are common, how plans are spread.
    """
    from magnet.evals.comparison.families import Family

    del names
    families = {
        title: [measure for measure in measures if not measure.of_run]
        for title, measures in FAMILIES.items()
    }
    every = [measure for measures in families.values() for measure in measures]
    values: dict[str, Values] = {
        session.id: {**measure_values([session], every)} for session in request.sessions
    }
    return SessionValues(
        [
            Family(
                metric="quality",
                title=f"quality: {title}",
                measures={measure.name: (measure.label, measure.unit) for measure in measures},
                values=values,
            )
            for title, measures in families.items()
        ]
    )


QUALITY = Metric(
    name="quality",
    help="Flaws and habits of language, beside published figures.",
    measure=_measure,
    by_session=_by_session,
    place=3,
)
