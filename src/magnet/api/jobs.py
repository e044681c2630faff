"""What a workspace plays: one session, a run, or what is unfinished, in the order of the shell."""

from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import dataclass

from langgraph.runtime import RunControl

from magnet.api.errors import endpoints_explained
from magnet.checkpoints import SessionBusyError
from magnet.models.endpoints import Endpoints
from magnet.models.errors import FetchInterruptedError
from magnet.nodes import Models
from magnet.sessions.batch import Tally, Watch, open_run, plan_sessions, play_run
from magnet.sessions.breakpoints import Stop, make_stop
from magnet.sessions.estimate import Estimate, estimate
from magnet.sessions.imported import refuse_imported
from magnet.sessions.reading import load_session
from magnet.sessions.resuming import (
    Reassign,
    each_unfinished,
    models_of_session,
    resumed_run,
    unfinished_sessions,
)
from magnet.sessions.run_lock import RunBusyError
from magnet.sessions.runner import create_session, play_session, session_settings
from magnet.sessions.workspace import Workspace
from magnet.state import Client
from magnet.state.errors import BadUseError, MagnetError, Option
from magnet.store import Run, Session, SessionStatus

_SEEDS = 2**63


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A session to be begun, with the settings of the workspace that it is played in."""

    client: Client
    seed: int
    session_id: str | None
    stop_at: Sequence[str]
    stop_when: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A run to be played, with the settings of the workspace that it is played in."""

    clients: Sequence[Client]
    run: str
    methods: Sequence[str]
    seed: int


async def play_one(
    workspace: Workspace, start: Start, watch: Watch, control: RunControl
) -> Session:
    """Play a new session, and return it as far as it came."""
    check_seed(start.seed)
    endpoints = Endpoints(workspace.settings)
    try:
        fixed = session_settings(workspace, seed=start.seed)
        method = workspace.method(fixed.method)
        stop = make_stop(method, start.stop_at, start.stop_when)
        await endpoints.prepare(method.agents)
        session = await create_session(
            workspace, start.client, fixed, endpoints, session_id=start.session_id
        )
        await _play(workspace, session, endpoints, watch, control, stop)
    finally:
        await endpoints.aclose()
    return await load_session(workspace, session.id)


async def play_batch(
    workspace: Workspace, batch: Batch, watch: Watch, control: RunControl
) -> Tally:
    """Play a run of every client by every method, or go on with it."""
    agents = workspace.agents_of(batch.methods)
    count = len(batch.clients) * len(batch.methods)
    endpoints = Endpoints.of_run(workspace.settings, agents, count)
    tally = Tally()
    try:
        sessions = plan_batch(workspace, batch, endpoints)
        await endpoints.prepare(agents)
        await open_run(workspace, batch.run, sessions)
        await play_run(workspace, batch.run, endpoints, watch=watch, tally=tally, control=control)
    finally:
        await endpoints.aclose()
    return tally


async def estimate_batch(workspace: Workspace, batch: Batch) -> list[Estimate]:
    """Estimate what a run will take, a row for each method."""
    endpoints = Endpoints(workspace.settings)
    try:
        return await estimate(workspace, plan_batch(workspace, batch, endpoints))
    finally:
        await endpoints.aclose()


def plan_batch(workspace: Workspace, batch: Batch, endpoints: Endpoints) -> list[Session]:
    """Return the sessions of a run, which are not stored yet."""
    check_seed(batch.seed)
    return plan_sessions(
        workspace, batch.run, batch.clients, batch.methods, endpoints, seed=batch.seed
    )


async def resume_named(
    workspace: Workspace, name: str, reassign: Reassign, watch: Watch, control: RunControl
) -> Tally:
    """Go on with a run, or with the session whose id starts so."""
    tally = Tally()
    if run := await _run_named(workspace, name):
        async with resumed_run(workspace, run, reassign) as (begun, endpoints):
            await play_run(begun, name, endpoints, watch=watch, tally=tally, control=control)
        return tally
    session = await workspace.store.sessions.find(name)
    if session.run:
        refuse_imported(await workspace.store.runs.get(session.run))
    tally.left = 1
    await _go_on(workspace, session, reassign, watch, control, tally)
    return tally


async def resume_all(
    workspace: Workspace, reassign: Reassign, watch: Watch, control: RunControl
) -> Tally:
    """Go on with all that is unfinished, one session after the other."""
    unfinished = await unfinished_sessions(workspace)
    tally = Tally(left=len(unfinished))
    busy_runs: list[RunBusyError] = []
    waiting = each_unfinished(unfinished, workspace, control, busy_runs.append)
    async with aclosing(waiting):
        async for one in waiting:
            try:
                session = await workspace.store.sessions.get(one.id)
                await _go_on(workspace, session, reassign, watch, control, tally)
            except SessionBusyError:
                tally.busy.append(one.id)
            except FetchInterruptedError:
                raise  # by the user, who means all of them
            except MagnetError as error:
                tally.failed[one.id] = str(error)
    return tally


def check_seed(seed: int) -> None:
    """See that a seed can be one.

    Raises:
        BadUseError: If it cannot.
    """
    if not 0 <= seed < _SEEDS:
        raise BadUseError(
            f"{{seed}}: expected 0 to {_SEEDS - 1}, found {seed}", seed=Option("seed")
        )


async def _run_named(workspace: Workspace, name: str) -> Run | None:
    return next((run for run in await workspace.store.runs.list() if run.name == name), None)


async def _go_on(
    workspace: Workspace,
    session: Session,
    reassign: Reassign,
    watch: Watch,
    control: RunControl,
    tally: Tally,
) -> None:
    if session.status is not SessionStatus.FINISHED:
        async with models_of_session(workspace, session, reassign) as endpoints:
            await _play(workspace, session, endpoints, watch, control)
        session = await workspace.store.sessions.get(session.id)
    if session.status is SessionStatus.FINISHED:
        tally.count(session.method)


async def _play(
    workspace: Workspace,
    session: Session,
    models: Models,
    watch: Watch,
    control: RunControl,
    stop: Stop | None = None,
) -> None:
    events = play_session(workspace, session, models, control=control, stop=stop)
    with endpoints_explained():
        async with aclosing(events):
            async for event in events:
                watch(session, event)
