"""`magnet history`: a session's checkpoints as a tree."""

import asyncio
from datetime import timedelta
from typing import Annotated

import typer
from pydantic_core import to_json
from rich.markup import escape
from rich.table import Table

from magnet.cli.console import out
from magnet.cli.options import AsJson, Db, settings_from
from magnet.models.settings import Settings
from magnet.sessions.debugging import Step, Timeline, read_timeline
from magnet.sessions.workspace import open_workspace
from magnet.store.records import now


def history(
    session: Annotated[str, typer.Argument(help="Id, or the start of one.")],
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Print a session's checkpoints, its branches and the sessions that were forked from it.

    Example: magnet history 3f9a
    """
    timeline = asyncio.run(_read(settings_from(db, None), session))
    if as_json:
        print(to_json([_as_data(branch, step) for branch, step in timeline.tree()]).decode())
        return
    print_history(timeline)


async def _read(settings: Settings, prefix: str) -> Timeline:
    async with open_workspace(settings) as workspace:
        return await read_timeline(workspace, await workspace.store.sessions.find(prefix))


def print_history(timeline: Timeline, here: Step | None = None) -> None:
    """Print the steps of a session; `here` is marked."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for name in ("step", "turn", "made by", "changed", "tokens", "age", "checkpoint"):
        table.add_column(name, justify="right" if name in ("step", "tokens") else "left")
    for branch, step in timeline.tree():
        at = "[bold green]>[/]" if here and step.checkpoint == here.checkpoint else ""
        tokens = step.usage.prompt + step.usage.completion
        table.add_row(
            f"{at}{'  ' * branch}{step.number}",
            str(step.turn),
            escape(made_by(step)),
            escape(_briefly(step.changed)),
            f"{tokens:,}" if tokens else "",
            _age(now() - step.created),
            step.checkpoint[-8:],
        )
        for fork in step.forks:
            table.add_row("", "", "[magenta]forked[/]", f"[magenta]{escape(fork)}[/]")
    out.print(table)
    following = ", ".join(timeline.head.next) or "nothing: it has ended"
    out.print(f"[dim]next: {escape(following)}[/]")
    if timeline.session.parent:
        out.print(f"[dim]forked from session {escape(timeline.session.parent)}[/]")


def made_by(step: Step) -> str:
    """Return what made a step."""
    if step.edited:
        return "edit"
    return ", ".join(step.nodes) or "start"


def _briefly(names: tuple[str, ...], most: int = 3) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _age(age: timedelta) -> str:
    for unit, seconds in (("d", 86400), ("h", 3600), ("m", 60)):
        if age.total_seconds() >= seconds:
            return f"{age.total_seconds() / seconds:.0f} {unit}"
    return f"{max(0, age.total_seconds()):.0f} s"


def _as_data(branch: int, step: Step) -> dict[str, object]:
    return {
        "checkpoint": step.checkpoint,
        "parent": step.parent,
        "branch": branch,
        "step": step.number,
        "turn": step.turn,
        "nodes": step.nodes,
        "next": step.next,
        "edited": step.edited,
        "changed": step.changed,
        "calls": step.calls,
        "usage": step.usage,
        "created": step.created,
        "forks": step.forks,
    }
