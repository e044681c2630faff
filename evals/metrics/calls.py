"""The metric `calls`: what the model calls of a session took."""

from collections.abc import Sequence

from magnet.evals.metrics.metric import CompareRequest, Metric, SessionValues


async def _by_session(request: CompareRequest, names: Sequence[str]) -> SessionValues:
    from magnet.evals.comparison.sources.counted import calls_family, gaps

    del names
    family = await calls_family(request.workspace, request.sessions)
    return SessionValues([family], list(gaps(family, request.arms)))


CALLS = Metric(
    name="calls", help="Model calls, tokens, seconds and cost.", by_session=_by_session, place=4
)
