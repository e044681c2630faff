"""`--metrics quality`: the quality table."""

from functools import partial

from pydantic import JsonValue

from magnet.evals.metrics.metric import Request, Result
from magnet.evals.quality import FAMILIES, Quality, measure_quality
from magnet.evals.quality.plots import write_plots
from magnet.evals.quality.table import breakdown_table, names_table, quality_table


async def quality(request: Request) -> Result:
    """Measure the quality of each set of sessions."""
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
