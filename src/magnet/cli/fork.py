"""`magnet fork`: a new session from a point of another."""

import asyncio
from typing import Annotated

import typer
from rich.markup import escape

from magnet.cli.console import out
from magnet.cli.options import AsJson, Db, settings_from
from magnet.cli.playing import say_line, say_outcome
from magnet.models.settings import Settings
from magnet.sessions.debugging import fork_session, read_timeline
from magnet.sessions.workspace import open_workspace


def fork(
    session: Annotated[str, typer.Argument(help="Id, or the start of one.")],
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            help="A step's number, turn:N, or the end of a checkpoint's id; see 'magnet history'. "
            "Default: where the session stands.",
        ),
    ] = None,
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="Change a value there: plan.technique, plan.steps.0, techniques.EXCHANGE, "
            "candidates.EXCHANGE.TECHNIQUE, utterances.TURN, settings.seed, client.attitude; "
            "may be repeated.",
        ),
    ] = None,
    new: Annotated[str | None, typer.Option("--session", help="Id of the new session.")] = None,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Begin a new session where another one stood; that one stays as it is.

    Example: magnet fork 3f9a --at turn:10 --set 'utterances.10=I stopped sleeping.'
    """
    pairs = [_assignment(text) for text in assignments or ()]
    asyncio.run(_fork(settings_from(db, None), session, at, pairs, new, as_json))


def _assignment(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r}: expected KEY=VALUE", param_hint="--set")
    return name.strip(), value


async def _fork(
    settings: Settings,
    prefix: str,
    at: str | None,
    assignments: list[tuple[str, str]],
    new: str | None,
    as_json: bool,
) -> None:
    async with open_workspace(settings) as workspace:
        session = await workspace.store.sessions.find(prefix)
        timeline = await read_timeline(workspace, session)
        step = timeline.head if at is None else timeline.find(at)
        made = await fork_session(workspace, session, step, assignments=assignments, session_id=new)
        if as_json:
            say_line(session=made.id, parent=session.id, checkpoint=step.checkpoint)
            return
        where = f"step {step.number} (turn {step.turn}) of session {session.id}"
        out.print(f"Forked at {escape(where)}.")
        say_outcome(workspace, made, made.status, as_json=False)
