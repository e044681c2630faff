"""`magnet resume`: go on with what is unfinished."""

import asyncio
from typing import Annotated

import typer

from magnet.batch import as_begun, with_models
from magnet.cli.console import out
from magnet.cli.exits import FAILED
from magnet.cli.generate import play_run_visibly
from magnet.cli.options import AsJson, Db, Model, settings_from
from magnet.cli.playing import play_visibly
from magnet.cli.run import introduce, say_goodbye
from magnet.models.endpoints import Endpoints
from magnet.settings import Settings
from magnet.workspace import Workspace, open_workspace
from store import Run, Session, SessionStatus, open_store


def resume(
    name: Annotated[
        str | None,
        typer.Argument(
            help="A run, or a session's id or its start. Default: all unfinished sessions.",
            metavar="[RUN or SESSION]",
        ),
    ] = None,
    model: Model = None,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Go on with a run or a session where it stopped, on the models that it began with.

    Example: magnet resume 3f9a
    """
    settings = settings_from(db, model)
    if not asyncio.run(_resume(settings, name, bool(model), as_json)):
        raise typer.Exit(FAILED)


async def _resume(
    settings: Settings, prefix: str | None, other_models: bool, as_json: bool
) -> bool:
    run = await _run_named(settings, prefix)
    if run is not None:
        return await _resume_run(settings, run, other_models)
    async with open_workspace(settings) as workspace:
        found = await _unfinished(workspace, prefix)
        if not found:
            out.print("Nothing is unfinished.")
        return all([await _go_on(workspace, s, other_models, as_json) for s in found])


async def _run_named(settings: Settings, name: str | None) -> Run | None:
    async with open_store(settings.db) as store:
        return next((run for run in await store.runs.list() if run.name == name), None)


async def _resume_run(settings: Settings, run: Run, other_models: bool) -> bool:
    async with open_workspace(as_begun(settings, run, other_models=other_models)) as workspace:
        endpoints = Endpoints(workspace.settings)
        try:
            summaries = await workspace.store.sessions.list(run=run.name)
            methods = {summary.method for summary in summaries}
            await endpoints.prepare({a for name in methods for a in workspace.method(name).agents})
            return await play_run_visibly(workspace, run.name, endpoints)
        finally:
            await endpoints.aclose()


async def _unfinished(workspace: Workspace, prefix: str | None) -> list[Session]:
    sessions = workspace.store.sessions
    if prefix is not None:
        return [await sessions.find(prefix)]
    return [
        await sessions.get(summary.id)
        for summary in reversed(await sessions.list())
        if summary.status is not SessionStatus.FINISHED
    ]


async def _go_on(workspace: Workspace, session: Session, other_models: bool, as_json: bool) -> bool:
    if session.status is SessionStatus.FINISHED:
        say_goodbye(workspace, session, session.status)
        return True
    layout = {"layout": session.prompt_layout}
    settings = workspace.settings.model_copy(update=layout)
    if not other_models:
        settings = with_models(settings, session.models)
    endpoints = Endpoints(settings)
    try:
        await endpoints.prepare(workspace.method(session.method).agents)
        if not as_json:
            introduce(session)
        status = await play_visibly(workspace, session, endpoints, as_json=as_json)
    finally:
        await endpoints.aclose()
    if not as_json:
        say_goodbye(workspace, session, status)
    return status is SessionStatus.FINISHED
