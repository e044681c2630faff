"""What a run will take: sessions, calls, tokens and cost, before it is begun.

Each method plays one session of the first client on the fake model, whose texts are about as long
as a model's. So calls are exact for sessions that go to the turn limit and need no second attempt,
and tokens are a guess of the right size.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from magnet.graph import build_graph, super_steps
from magnet.models.endpoints import Endpoints
from magnet.models.settings import Settings
from magnet.nodes import SessionContext
from magnet.sessions.session_state import config_of
from magnet.sessions.workspace import Workspace
from magnet.state import Call, CallKey, SessionState, Usage, exchanges_of, start_session
from magnet.store import Session


@dataclass(slots=True)
class _Recorder:
    calls: list[Call] = field(default_factory=list[Call])

    def find(self, key: CallKey) -> Call | None:
        return None

    async def record(self, call: Call) -> None:
        self.calls.append(call)


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What is expected of one method's sessions, or of another step of an experiment."""

    title: str
    """The method, or the step."""
    sessions: int
    calls: int
    usage: Usage
    cost: float | None
    """None where the price of a model is not known."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A session as the fake model plays it, to the turn limit."""

    session: Session
    """With its transcript; it is stored nowhere."""
    calls: Sequence[Call]


async def estimate(workspace: Workspace, sessions: Sequence[Session]) -> list[Estimate]:
    """Estimate a run, a row for each method."""
    by_method: dict[str, list[Session]] = {}
    for session in sessions:
        by_method.setdefault(session.method, []).append(session)
    return [
        estimate_by(workspace, await rehearse(workspace, some[0]), len(some))
        for some in by_method.values()
    ]


async def rehearse(workspace: Workspace, session: Session) -> Rehearsal:
    """Have the fake model play a session."""
    method = workspace.method(session.method)
    fake = Endpoints(Settings(model="fake", models={}))
    recorder = _Recorder()
    settings = session.settings.model_copy(update={"min_turns": session.settings.turn_limit})
    context = SessionContext(
        session=session.id, models=fake, prompts=workspace.prompts_of(method), journal=recorder
    )
    state = await build_graph(method).ainvoke(
        start_session(session.client, settings),
        config_of(session.id, super_steps(method, settings.turn_limit)),
        context=context,
    )
    await fake.aclose()
    played = cast(SessionState, state)
    transcript = replace(
        session,
        plan=played.get("plan"),
        utterances=tuple(played["utterances"]),
        exchanges=tuple(exchanges_of(played)),
    )
    return Rehearsal(transcript, recorder.calls)


def estimate_by(workspace: Workspace, rehearsal: Rehearsal, sessions: int) -> Estimate:
    """Estimate so many sessions of a method by the one that was rehearsed."""
    by_role: dict[str, Usage] = {}
    for call in rehearsal.calls:
        by_role[call.role] = by_role.get(call.role, Usage()) + call.usage
    model_ids = rehearsal.session.model_ids
    one = cost_of({model_ids[role]: usage for role, usage in by_role.items()}, workspace)
    return Estimate(
        title=rehearsal.session.method,
        sessions=sessions,
        calls=len(rehearsal.calls) * sessions,
        usage=times(sum(by_role.values(), Usage()), sessions),
        cost=None if one is None else one * sessions,
    )


def cost_of(usage: Mapping[str, Usage], workspace: Workspace) -> float | None:
    """Return what tokens cost, by model id; None if a model's price is not known."""
    prices = workspace.settings.prices
    if any(model_id not in prices for model_id in usage):
        return None
    return sum(prices[model_id].of(tokens) for model_id, tokens in usage.items())


def times(usage: Usage, count: int) -> Usage:
    """Return the tokens of so many times the same."""
    return Usage(
        prompt=usage.prompt * count,
        cached=usage.cached * count,
        completion=usage.completion * count,
    )
