"""`magnet repair`: sessions whose checkpoints do not fit together, rebuilt from their logs."""

import asyncio
from typing import Annotated

import typer

from magnet.cli.console import out
from magnet.cli.exits import word
from magnet.cli.options import Db, settings_from
from magnet.models.settings import Settings
from magnet.sessions.repair import is_broken, repair_session
from magnet.sessions.workspace import open_workspace
from magnet.state.errors import Command


def repair(
    name: Annotated[
        str,
        typer.Argument(
            help="A session's id or its start, or a run: of a run, the broken sessions.",
            metavar="RUN or SESSION",
        ),
    ],
    db: Db = None,
) -> None:
    """Rebuild a session from its log of calls: no answer that was paid for is asked for again.

    What was changed by hand in the session's past is lost. Then resume it.

    Example: magnet repair 3f9a
    """
    asyncio.run(_repair(settings_from(db, None), name))


async def _repair(settings: Settings, name: str) -> None:
    async with open_workspace(settings) as workspace:
        store = workspace.store
        if name in {run.name for run in await store.runs.list()}:
            sessions = [
                session
                for summary in await store.sessions.list(run=name)
                if await is_broken(workspace, session := await store.sessions.get(summary.id))
            ]
        else:
            sessions = [await store.sessions.find(name)]
        for session in sessions:
            calls = await repair_session(workspace, session)
            out.print(f"session {session.id}: {calls} logged calls", markup=False)
        if not sessions:
            out.print("No session is broken.")
        else:
            command = Command(("resume", name), database=workspace.named_database)
            out.print(f"  {word(command)}", markup=False, soft_wrap=True)
