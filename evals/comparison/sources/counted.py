"""What is counted in each session: quality, and the model calls that it took."""

from collections.abc import Iterator, Mapping, Sequence

from magnet.evals.comparison.arms import Arm
from magnet.evals.comparison.families import Family
from magnet.evals.comparison.results import Unit
from magnet.evals.quality import FAMILIES, measure_values
from magnet.evals.scales.measures import Values
from magnet.sessions.estimate import cost_of
from magnet.sessions.workspace import Workspace
from magnet.store import CallTotals, Session

_CALLS: Mapping[str, tuple[str, Unit]] = {
    "calls": ("model calls", "count"),
    "prompt": ("prompt tokens", "tokens"),
    "cached": ("of these found cached", "tokens"),
    "completion": ("completion tokens", "tokens"),
    "seconds": ("seconds in model calls", "seconds"),
    "cost": ("cost", "money"),
}


def quality_families(sessions: Sequence[Session]) -> list[Family]:
    """Return the quality measures of each session, every family of the quality table by itself.

    Measures of a whole run are left out: which openings are common, how plans are spread.
    """
    families = {
        title: [measure for measure in measures if not measure.of_run]
        for title, measures in FAMILIES.items()
    }
    every = [measure for measures in families.values() for measure in measures]
    values: dict[str, Values] = {
        session.id: {**measure_values([session], every)} for session in sessions
    }
    return [
        Family(
            metric="quality",
            title=f"quality: {title}",
            measures={measure.name: (measure.label, measure.unit) for measure in measures},
            values=values,
        )
        for title, measures in families.items()
    ]


async def calls_family(workspace: Workspace, sessions: Sequence[Session]) -> Family:
    """Return the calls, tokens, seconds and, where prices are set, the cost of each session.

    Raises:
        StoreError: if the database cannot be read.
    """
    ids = [session.id for session in sessions]
    totals = await workspace.store.calls.totals(ids)
    usage = await workspace.store.calls.usage_by_model(ids)
    return Family(
        metric="calls",
        title="calls: per session",
        measures=_CALLS,
        values={
            name: {**_values(total), "cost": cost_of(usage[name], workspace)}
            for name, total in totals.items()
            if total.calls
        },
    )


def _values(total: CallTotals) -> Values:
    return {
        "calls": float(total.calls),
        "prompt": float(total.usage.prompt),
        "cached": float(total.usage.cached),
        "completion": float(total.usage.completion),
        "seconds": total.seconds,
    }


def gaps(calls: Family, arms: Sequence[Arm]) -> Iterator[str]:
    """Yield of which sessions there is no account of calls, or no price."""
    for arm in arms:
        without = sum(session.id not in calls.values for session in arm.sessions)
        if without:
            yield (
                f"calls: {without} of {len(arm.sessions)} sessions of {arm.name} have no account "
                "of their calls (imported sessions have none)"
            )
    if any(values["cost"] is None for values in calls.values.values()):
        yield "cost: a model's price is not set ([prices] in magnet.toml)"
