"""What a run will take: sessions, calls, tokens and cost, before it is begun.

Each method plays one session of the first client on the fake model, whose texts are about as long
as a model's. So calls are exact for sessions that go to the turn limit and need no second attempt,
and tokens are a guess of the right size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graph import build_graph, super_steps
from magnet.models.endpoints import Endpoints
from magnet.runner import config_of
from magnet.settings import Settings
from magnet.workspace import Workspace
from nodes import SessionContext
from state import Call, CallKey, Usage, start_session
from store import Session


@dataclass(slots=True)
class _Recorder:
    calls: list[Call] = field(default_factory=list[Call])

    def find(self, key: CallKey) -> Call | None:
        return None

    async def record(self, call: Call) -> None:
        self.calls.append(call)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What is expected of one method's sessions."""

    method: str
    sessions: int
    calls: int
    usage: Usage
    cost: float | None
    """None where the price of a model is not known."""


async def estimate(workspace: Workspace, sessions: Sequence[Session]) -> list[Estimate]:
    """Estimate a run, a row for each method."""
    by_method: dict[str, list[Session]] = {}
    for session in sessions:
        by_method.setdefault(session.method, []).append(session)
    return [await _estimate(workspace, method, some) for method, some in by_method.items()]


async def _estimate(workspace: Workspace, name: str, sessions: Sequence[Session]) -> Estimate:
    method = workspace.method(name)
    fake = Endpoints(Settings(model="fake", models={}))
    recorder = _Recorder()
    first = sessions[0]
    settings = first.settings.model_copy(update={"min_turns": first.settings.turn_limit})
    context = SessionContext(
        session=first.id, models=fake, prompts=workspace.prompts, journal=recorder
    )
    await build_graph(method).ainvoke(
        start_session(first.client, settings),
        config_of(first.id, super_steps(method, settings.turn_limit)),
        context=context,
    )
    await fake.aclose()
    by_role: dict[str, Usage] = {}
    for call in recorder.calls:
        by_role[call.role] = by_role.get(call.role, Usage()) + call.usage
    count = len(sessions)
    specs = first.specs
    one = cost_of({specs[role]: usage for role, usage in by_role.items()}, workspace)
    return Estimate(
        method=name,
        sessions=count,
        calls=len(recorder.calls) * count,
        usage=_times(sum(by_role.values(), Usage()), count),
        cost=None if one is None else one * count,
    )


def cost_of(usage: Mapping[str, Usage], workspace: Workspace) -> float | None:
    """Give what tokens cost, by the SPEC of the model; none if a model's price is not known."""
    prices = workspace.settings.prices
    if any(spec not in prices for spec in usage):
        return None
    return sum(prices[spec].of(tokens) for spec, tokens in usage.items())


def _times(usage: Usage, count: int) -> Usage:
    return Usage(
        prompt=usage.prompt * count,
        cached=usage.cached * count,
        completion=usage.completion * count,
    )
