"""Going on with what is unfinished, on the models and settings that it began with."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from itertools import groupby

from langgraph.runtime import RunControl

from magnet.models.endpoints import Endpoints
from magnet.models.settings import Settings
from magnet.sessions.batch import as_begun, with_models
from magnet.sessions.imported import is_imported, refuse_imported
from magnet.sessions.run_lock import RunBusyError, hold_run
from magnet.sessions.workspace import Workspace
from magnet.store import Run, Session, SessionStatus, SessionSummary

Reassign = Callable[[Settings], Settings]
"""Puts the models that the user names now over those that a session or run began with."""


async def unfinished_sessions(workspace: Workspace) -> list[SessionSummary]:
    """Return the sessions that can be resumed, the oldest first, those of a run together."""
    imported = {run.name for run in await workspace.store.runs.list() if is_imported(run)}
    unfinished = [
        one
        for one in reversed(await workspace.store.sessions.list())
        if one.status is not SessionStatus.FINISHED and one.run not in imported
    ]
    return sorted(unfinished, key=run_of)


def run_of(summary: SessionSummary) -> str:
    """Return the run of a session; empty for one that is in none."""
    return summary.run or ""


async def each_unfinished(
    sessions: Sequence[SessionSummary],
    workspace: Workspace,
    control: RunControl,
    busy: Callable[[RunBusyError], None],
) -> AsyncGenerator[SessionSummary]:
    """Yield the sessions to resume one after the other, and hold the run of each meanwhile.

    Args:
        sessions: As `unfinished_sessions` returns them.
        workspace: Where they are stored.
        control: When it asks to drain, no further session is yielded.
        busy: Told of each run that another process is playing; its sessions are left out.
    """
    for run, some in groupby(sessions, key=run_of):
        try:
            async with hold_run(workspace, run) if run else nullcontext():
                for one in some:
                    if control.drain_requested:
                        return
                    yield one
        except RunBusyError as error:
            busy(error)


@asynccontextmanager
async def models_of_session(
    workspace: Workspace, session: Session, reassign: Reassign
) -> AsyncGenerator[Endpoints]:
    """Open the models that a session began with, under those that are named now.

    Raises:
        SettingsError, EndpointError, ModelDownloadError, ModelStartError: If one cannot be had.
    """
    begun = reassign(with_models(workspace.settings, session.models))
    endpoints = Endpoints(begun.model_copy(update={"layout": session.prompt_layout}))
    try:
        await endpoints.prepare(workspace.method(session.method).agents)
        yield endpoints
    finally:
        await endpoints.aclose()


@asynccontextmanager
async def resumed_run(
    workspace: Workspace, run: Run, reassign: Reassign
) -> AsyncGenerator[tuple[Workspace, Endpoints]]:
    """Open a run with the settings and models that it began with, under those named now.

    Raises:
        ImportedError: If its sessions are imported.
        SettingsError, EndpointError, ModelDownloadError, ModelStartError: If a model cannot be had.
    """
    refuse_imported(run)
    begun = replace(workspace, settings=reassign(as_begun(workspace.settings, run)))
    summaries = await begun.store.sessions.list(run=run.name)
    agents = begun.agents_of({summary.method for summary in summaries})
    left = sum(summary.status is not SessionStatus.FINISHED for summary in summaries)
    endpoints = Endpoints.of_run(begun.settings, agents, left)
    try:
        await endpoints.prepare(agents)
        yield begun, endpoints
    finally:
        await endpoints.aclose()
