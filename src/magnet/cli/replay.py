"""`magnet replay`: a session made again from its recorded answers."""

import asyncio
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.markup import escape

from magnet.cli.console import out
from magnet.cli.diff import print_differences
from magnet.cli.options import AsJson, Db, settings_from
from magnet.models.settings import Settings
from magnet.sessions.debugging import Difference, Replay, replay_session
from magnet.sessions.reading import load_session
from magnet.sessions.workspace import open_workspace
from magnet.state.errors import FAILED


def replay(
    session: Annotated[str, typer.Argument(help="Id, or the start of one.")],
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Make a session again without a model, from the answers in its call log, and compare.

    Shows what a change of cleaning, checks or routing does to sessions that are there already.

    Example: magnet replay 3f9a
    """
    made = asyncio.run(_replay(settings_from(db, None), session))
    found = list(made.differences)
    if as_json:
        print(TypeAdapter(list[Difference]).dump_json(found, indent=2).decode())
    else:
        out.print(
            f"{made.calls} recorded answers used, {len(made.session.utterances) - 2} utterances "
            f"made again: {len(found) or 'no'} difference{'' if len(found) == 1 else 's'}."
        )
        if found:
            print_differences(found, "as recorded", "as made now")
    if made.stopped:
        out.print(f"[red]stopped:[/] {escape(made.stopped)}")
        raise typer.Exit(FAILED)


async def _replay(settings: Settings, prefix: str) -> Replay:
    async with open_workspace(settings) as workspace:
        return await replay_session(workspace, await load_session(workspace, prefix))
