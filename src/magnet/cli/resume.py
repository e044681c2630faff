"""`magnet resume`: go on with what is unfinished."""

import asyncio
from contextlib import AbstractAsyncContextManager, aclosing
from functools import partial
from typing import Annotated

import typer
from langgraph.runtime import RunControl
from rich.markup import escape

from magnet.checkpoints import SessionBusyError
from magnet.cli.console import err, out, show_error
from magnet.cli.draining import draining
from magnet.cli.exits import explain, mendable
from magnet.cli.generate import play_run_visibly
from magnet.cli.options import AsJson, Db, Model, settings_from, with_model_flags
from magnet.cli.playing import play_briefly, play_visibly, say_left, say_line, say_outcome
from magnet.models.endpoints import Endpoints
from magnet.models.errors import FetchInterruptedError
from magnet.models.settings import Settings
from magnet.sessions.imported import refuse_imported
from magnet.sessions.resuming import (
    each_unfinished,
    models_of_session,
    resumed_run,
    unfinished_sessions,
)
from magnet.sessions.workspace import Workspace, open_workspace
from magnet.state.errors import FAILED
from magnet.store import Run, Session, SessionStatus


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

    Imported sessions are left alone.

    Example: magnet resume 3f9a
    """
    if not asyncio.run(_resume(settings_from(db, None), name, model, as_json)):
        raise typer.Exit(FAILED)


async def _resume(
    settings: Settings, name: str | None, models: list[str] | None, as_json: bool
) -> bool:
    async with open_workspace(settings) as workspace:
        run = await _run_named(workspace, name)
        if run is not None:
            opened = resumed_run(workspace, run, partial(with_model_flags, models=models))
            async with opened as (begun, endpoints):
                return await play_run_visibly(begun, run.name, endpoints, as_json=as_json)
        if name is not None:
            session = await workspace.store.sessions.find(name)
            return await _go_on(workspace, session, models, as_json)
        return await _resume_all(workspace, models, as_json)


async def _run_named(workspace: Workspace, name: str | None) -> Run | None:
    return next((run for run in await workspace.store.runs.list() if run.name == name), None)


async def _resume_all(workspace: Workspace, models: list[str] | None, as_json: bool) -> bool:
    """Go on with all that is unfinished, a line for each session."""
    unfinished = await unfinished_sessions(workspace)
    left = len(unfinished)
    if not left:
        (err if as_json else out).print("Nothing is unfinished.")
    with draining() as control:
        waiting = each_unfinished(
            unfinished, workspace, control, lambda error: show_error(explain(error))
        )
        async with aclosing(waiting):
            async for one in waiting:
                left -= await _try(workspace, one.id, models, control, as_json)
    if left:
        say_left(workspace, left, as_json=as_json)
    return not left


async def _try(
    workspace: Workspace,
    name: str,
    models: list[str] | None,
    control: RunControl,
    as_json: bool,
) -> bool:
    """Go on with one of several, and say whether it is finished: what stops it stops no other."""
    try:
        # As it is now: another process may have ended it while the ones before were played.
        session = await workspace.store.sessions.get(name)
        status = session.status
        if status is not SessionStatus.FINISHED:
            async with _models_of(workspace, session, models) as endpoints:
                status = await play_briefly(workspace, session, endpoints, control)
    except SessionBusyError:
        show_error(f"left: {name}: another process is playing it")
        return False
    except FetchInterruptedError:
        raise  # by the user, who means all of them
    except mendable() as error:
        show_error(f"failing: {name}: {explain(error)}")
        return False
    if as_json:
        say_line(session=name, status=status)
    else:
        ended = status is SessionStatus.FINISHED
        out.print(f"session {escape(name)}: {'finished' if ended else 'not finished'}")
    return status is SessionStatus.FINISHED


async def _go_on(
    workspace: Workspace, session: Session, models: list[str] | None, as_json: bool
) -> bool:
    if session.status is SessionStatus.FINISHED:
        say_outcome(workspace, session, session.status, as_json=as_json)
        return True
    if session.run:
        refuse_imported(await workspace.store.runs.get(session.run))
    async with _models_of(workspace, session, models) as endpoints:
        return await play_visibly(workspace, session, endpoints, as_json=as_json)


def _models_of(
    workspace: Workspace, session: Session, models: list[str] | None
) -> AbstractAsyncContextManager[Endpoints]:
    return models_of_session(workspace, session, partial(with_model_flags, models=models))
