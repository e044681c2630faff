"""`magnet run`: one session."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from magnet.cli.options import AsJson, Db, Layout, Model, Seed, settings_from
from magnet.cli.playing import play_visibly
from magnet.models.endpoints import Endpoints
from magnet.models.settings import Settings
from magnet.sessions.breakpoints import NAMES, make_stop
from magnet.sessions.example_forms import default_intake
from magnet.sessions.runner import create_session, session_settings
from magnet.sessions.workspace import open_workspace
from magnet.state import Attitude, Client
from magnet.state.errors import FAILED
from magnet.state.intake_choice import pick_client
from magnet.state.intake_files import read_clients


def run(
    intake: Annotated[
        Path | None,
        typer.Argument(
            help="CACTUS seeds (JSON), a form (YAML), or a folder. Default: an example."
        ),
    ] = None,
    client: Annotated[
        str | None, typer.Option("--client", help="Which client of the file: number or name.")
    ] = None,
    attitude: Annotated[Attitude | None, typer.Option("--attitude")] = None,
    method: Annotated[
        str | None, typer.Option("--method", help="See 'magnet graph --help'.")
    ] = None,
    turns: Annotated[
        int | None, typer.Option("--turns", help="Generated utterances at most, an even number.")
    ] = None,
    seed: Seed = 0,
    model: Model = None,
    layout: Layout = None,
    checks: Annotated[
        bool | None,
        typer.Option("--checks/--no-checks", help="Clean answers and ask again for bad ones."),
    ] = None,
    log_calls: Annotated[
        str | None, typer.Option("--log-calls", help="full keeps every prompt too.")
    ] = None,
    stop_at: Annotated[
        list[str] | None,
        typer.Option("--stop-at", metavar="NODE", help="Stop before this node; may be repeated."),
    ] = None,
    stop_when: Annotated[
        str,
        typer.Option("--stop-when", help=f"Stop only where this holds, of {', '.join(NAMES)}."),
    ] = "",
    session: Annotated[str | None, typer.Option("--session", help="Id of the new session.")] = None,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Play one counseling session, streamed to the terminal.

    Example: magnet run forms.json --client 7 --attitude negative --turns 12 --model fake
    """
    settings = settings_from(
        db, model, method=method, turns=turns, layout=layout, checks=checks, log_calls=log_calls
    )
    path = intake or default_intake()
    person = pick_client(read_clients(path), client=client, attitude=attitude, path=path)
    playing = _run(settings, person, seed, session, as_json, stop_at or (), stop_when)
    if not asyncio.run(playing):
        raise typer.Exit(FAILED)


async def _run(
    settings: Settings,
    person: Client,
    seed: int,
    session_id: str | None,
    as_json: bool,
    stop_at: Sequence[str],
    stop_when: str,
) -> bool:
    async with open_workspace(settings) as workspace:
        endpoints = Endpoints(settings)
        try:
            fixed = session_settings(workspace, seed=seed)
            method = workspace.method(fixed.method)
            stop = make_stop(method, stop_at, stop_when)
            await endpoints.prepare(method.agents)
            session = await create_session(
                workspace, person, fixed, endpoints, session_id=session_id
            )
            return await play_visibly(workspace, session, endpoints, as_json=as_json, stop=stop)
        finally:
            await endpoints.aclose()
