"""`magnet diff`: two sessions, from where they part, side by side."""

import asyncio
from typing import Annotated

import typer
from pydantic import TypeAdapter
from rich.markup import escape
from rich.table import Table

from magnet.cli.console import out
from magnet.cli.options import AsJson, Db, settings_from
from magnet.models.settings import Settings
from magnet.sessions.debugging import Difference, compare_sessions
from magnet.sessions.reading import load_session
from magnet.sessions.workspace import open_workspace
from magnet.store import Session


def diff(
    left: Annotated[str, typer.Argument(metavar="SESSION", help="Id, or the start of one.")],
    right: Annotated[str, typer.Argument(metavar="SESSION", help="The other.")],
    drafts: Annotated[
        bool, typer.Option("--candidates", help="The specialists' drafts too.")
    ] = False,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Show where two sessions part, and what each says from there.

    Example: magnet diff 3f9a 77c0
    """
    first, second = asyncio.run(_read(settings_from(db, None), left, right))
    found = [
        one
        for one in compare_sessions(first, second)
        if drafts or not one.name.startswith("candidates.")
    ]
    if as_json:
        print(TypeAdapter(list[Difference]).dump_json(found, indent=2).decode())
    elif found:
        out.print(f"They part at [bold]{escape(found[0].name)}[/].")
        print_differences(found, f"session {first.id}", f"session {second.id}")
    else:
        out.print("They say the same.")


def print_differences(found: list[Difference], left: str, right: str) -> None:
    """Print differences side by side."""
    table = Table(show_lines=True, expand=True)
    table.add_column("", no_wrap=True)
    table.add_column(escape(left), ratio=1)
    table.add_column(escape(right), ratio=1)
    for one in found:
        sides = (one.left, one.right)
        table.add_row(one.name, *(escape(side) if side else "[dim]-[/]" for side in sides))
    out.print(table)


async def _read(settings: Settings, left: str, right: str) -> tuple[Session, Session]:
    async with open_workspace(settings) as workspace:
        return await load_session(workspace, left), await load_session(workspace, right)
