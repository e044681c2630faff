"""Many sessions: planned as a run, played side by side, resumed where they stopped."""

import asyncio
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, cast

from langgraph.runtime import RunControl
from pydantic import JsonValue

from magnet.checkpoints import CheckpointError, SessionBusyError
from magnet.models.endpoints import Endpoints
from magnet.models.errors import EndpointStoppedError
from magnet.models.roles import Sampling
from magnet.models.settings import Settings
from magnet.nodes import Models
from magnet.sessions.run_lock import hold_run
from magnet.sessions.runner import Event, play_session, session_settings
from magnet.sessions.workspace import Workspace
from magnet.state import Client, DirectorParts, derive_seed
from magnet.store import Run, Session, SessionStatus, SessionSummary, StoreError


@dataclass(slots=True)
class Tally:
    """How a run stands, by method."""

    finished: dict[str, int] = field(default_factory=dict[str, int])
    failed: dict[str, str] = field(default_factory=dict[str, str])
    """Session to why it could not go on."""
    busy: list[str] = field(default_factory=list[str])
    """Sessions that another process was playing."""
    left: int = 0

    def count(self, method: str) -> None:
        """Count a finished session."""
        self.finished[method] = self.finished.get(method, 0) + 1
        self.left -= 1


Watch = Callable[[Session, Event], None]


def plan_sessions(
    workspace: Workspace,
    run: str,
    clients: Sequence[Client],
    methods: Iterable[str],
    endpoints: Endpoints,
    *,
    seed: int,
) -> list[Session]:
    """Return a run's sessions: each client by each method.

    A client has the same seed in every method, so that methods differ by what they do. A method
    that is named again is the same one.

    Raises:
        MethodError: if there is no such method.
    """
    sessions: list[Session] = []
    for name in dict.fromkeys(methods):
        method = workspace.method(name)
        for place, client in enumerate(clients, 1):
            settings = session_settings(
                workspace, method=name, seed=derive_seed(seed, place, client.attitude)
            )
            sessions.append(
                Session(
                    id=f"{run}-{name}-{place:04}-{client.attitude}",
                    run=run,
                    client=client,
                    settings=settings,
                    models=endpoints.by_role(method.agents),
                    prompt_hash=workspace.prompts_of(method).version(method.agents.values()),
                    prompt_layout=workspace.prompts.layout,
                    status=SessionStatus.PENDING,
                )
            )
    return sessions


def run_settings(workspace: Workspace, sessions: Sequence[Session]) -> dict[str, Any]:
    """Return all that decides what a run generates; a run goes on with the same alone."""
    settings = workspace.settings
    clients = hashlib.sha256()
    directed = any(session.settings.director for session in sessions)
    for session in sessions:
        clients.update(session.id.encode())
        clients.update(session.client.model_dump_json().encode())
    return {
        "methods": list(dict.fromkeys(session.method for session in sessions)),
        "sessions": len(sessions),
        "clients": clients.hexdigest()[:16],
        "seed": sessions[0].settings.seed if sessions else 0,
        "turns": settings.turns,
        "min_turns": settings.min_turns,
        "layout": settings.layout,
        "checks": settings.checks,
        "prompts": sorted({session.prompt_hash for session in sessions}),
        "models": {role: used for session in sessions for role, used in session.models.items()},
        **({"director": settings.director.model_dump()} if directed else {}),
    }


def as_begun(settings: Settings, run: Run) -> Settings:
    """Return the settings that a run goes on with: those that decide what it generates are its own.

    Args:
        settings: of this invocation.
        run: as it is stored.
    """
    decisive = ("turns", "min_turns", "layout", "checks")
    own: dict[str, Any] = {name: run.settings[name] for name in decisive}
    if "director" in run.settings:
        own["director"] = DirectorParts.model_validate(run.settings["director"])
    begun = settings.model_copy(update=own)
    return with_models(begun, cast(Mapping[str, JsonValue], run.settings["models"]))


def with_models(settings: Settings, models: Mapping[str, JsonValue]) -> Settings:
    """Return settings with the models, and their sampling, that a session or run began with."""
    used = {role: dict(cast(Mapping[str, JsonValue], one)) for role, one in models.items()}
    own = {
        "models": {role: one.pop("model") for role, one in used.items()},
        "sampling": {role: Sampling.model_validate(one) for role, one in used.items()},
    }
    return settings.model_copy(update=own)


async def open_run(workspace: Workspace, run: str, sessions: Sequence[Session]) -> None:
    """Store a run with its sessions, or find it as it was stored.

    Raises:
        RunSettingsError: if the run was started with other settings.
    """
    await workspace.store.runs.open(run, run_settings(workspace, sessions))
    stored = {summary.id for summary in await workspace.store.sessions.list(run=run)}
    missing = [session for session in sessions if session.id not in stored]
    await workspace.store.sessions.create_all(missing)


async def play_run(
    workspace: Workspace,
    run: str,
    endpoints: Endpoints,
    *,
    watch: Watch,
    tally: Tally,
    control: RunControl,
) -> None:
    """Play what is left of a run, so many sessions at once as its endpoints are opened for.

    A session that cannot go on is stored with its reason; one that another process is playing is
    left; the others go on.

    Args:
        workspace: the open database.
        run: its name; `open_run` has stored it.
        endpoints: the models.
        watch: told of each finished call and node.
        tally: kept up to date while the run is played.
        control: when it asks to drain, running steps end and no session is begun.

    Raises:
        RunBusyError: if another process is playing the run.
        StoreError: if the database cannot be written.
    """
    async with hold_run(workspace, run):
        waiting = await _unfinished(workspace, run, tally)
        workers = min(endpoints.sessions, len(waiting))
        try:
            async with asyncio.TaskGroup() as group:
                for place in range(workers):
                    models = endpoints.lane(place)
                    group.create_task(_work(workspace, waiting, models, watch, tally, control))
        except* (StoreError, CheckpointError, EndpointStoppedError) as errors:
            raise errors.exceptions[0] from None


async def _unfinished(workspace: Workspace, run: str, tally: Tally) -> list[SessionSummary]:
    summaries = await workspace.store.sessions.list(run=run)
    waiting = [s for s in summaries if s.status is not SessionStatus.FINISHED]
    tally.left = len(summaries)
    for summary in summaries:
        if summary.status is SessionStatus.FINISHED:
            tally.count(summary.method)
    # Begun sessions come first, so that a run that is stopped often still finishes some.
    begun = [s for s in waiting if s.status is not SessionStatus.PENDING]
    pending = [s for s in waiting if s.status is SessionStatus.PENDING]
    return sorted(pending, key=lambda s: s.id, reverse=True) + begun


async def _work(
    workspace: Workspace,
    waiting: list[SessionSummary],
    models: Models,
    watch: Watch,
    tally: Tally,
    control: RunControl,
) -> None:
    while waiting and not control.drain_requested:
        session = await workspace.store.sessions.get(waiting.pop().id)
        try:
            async with aclosing(
                play_session(workspace, session, models, control=control)
            ) as events:
                async for event in events:
                    watch(session, event)
        except SessionBusyError:
            tally.busy.append(session.id)
            continue
        except (StoreError, CheckpointError, EndpointStoppedError):
            raise  # it would meet every other session as well
        except Exception as error:
            # Whatever one session meets, the others go on; the store has its reason.
            tally.failed[session.id] = f"{type(error).__name__}: {error}"
            continue
        ended = await workspace.store.sessions.get(session.id)
        if ended.status is SessionStatus.FINISHED:
            tally.count(session.method)
