"""The metric `calls`: what the model calls of a session took."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from magnet.evals.metrics.metric import CompareRequest, Metric, SessionValues
from magnet.evals.scales.measures import Values
from magnet.sessions.estimate import cost_of
from magnet.store import CallTotals

if TYPE_CHECKING:
    from magnet.evals.comparison.arms import Arm
    from magnet.evals.comparison.families import Family
    from magnet.evals.comparison.results import Unit

_CALLS: Mapping[str, tuple[str, "Unit"]] = {
    "calls": ("model calls", "count"),
    "prompt": ("prompt tokens", "tokens"),
    "cached": ("of these found cached", "tokens"),
    "completion": ("completion tokens", "tokens"),
    "seconds": ("seconds in model calls", "seconds"),
    "cost": ("cost", "money"),
}


async def _by_session(request: CompareRequest, names: Sequence[str]) -> SessionValues:
    from magnet.evals.comparison.families import Family

    del names
    ids = [session.id for session in request.sessions]
    totals = await request.workspace.store.calls.totals(ids)
    usage = await request.workspace.store.calls.usage_by_model(ids)
    family = Family(
        metric="calls",
        title="calls: per session",
        measures=_CALLS,
        values={
            name: {**_values(total), "cost": cost_of(usage[name], request.workspace)}
            for name, total in totals.items()
            if total.calls
        },
    )
    return SessionValues([family], list(_gaps(family, request.arms)))


def _values(total: CallTotals) -> Values:
    return {
        "calls": float(total.calls),
        "prompt": float(total.usage.prompt),
        "cached": float(total.usage.cached),
        "completion": float(total.usage.completion),
        "seconds": total.seconds,
    }


def _gaps(calls: "Family", arms: "Sequence[Arm]") -> Iterator[str]:
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


CALLS = Metric(
    name="calls", help="Model calls, tokens, seconds and cost.", by_session=_by_session, place=4
)
