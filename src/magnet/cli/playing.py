"""Playing a session before the user's eyes: utterances as they are made, and a progress line."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing

from langgraph.runtime import RunControl
from pydantic_core import to_json
from rich.markup import escape

from magnet.cli.console import err, out
from magnet.cli.draining import draining
from magnet.cli.exits import word
from magnet.cli.session_progress import SessionProgress, ticking
from magnet.cli.showing import (
    introduce,
    say,
    show_affect,
    show_direction,
    show_plan,
    show_selection,
    show_utterance,
)
from magnet.models.endpoints import Endpoints
from magnet.sessions.breakpoints import Stop
from magnet.sessions.runner import Event, NodeDone, Stopped, play_session
from magnet.sessions.workspace import Workspace
from magnet.state import Speaker
from magnet.state.errors import Command, Option
from magnet.store import Session, SessionStatus


async def play_visibly(
    workspace: Workspace,
    session: Session,
    endpoints: Endpoints,
    *,
    as_json: bool,
    stop: Stop | None = None,
) -> bool:
    """Play a session to its end, to a breakpoint, or until Ctrl-C; say what has become of it.

    Returns:
        Whether it came as far as it was to.
    """
    if as_json:
        say_line(session=session.id, status=SessionStatus.RUNNING)
    else:
        introduce(session)
    status, stopped = session.status, False
    try:
        with draining() as control:
            async with aclosing(
                play_session(workspace, session, endpoints, control=control, stop=stop)
            ) as events:
                stopped = await (_as_lines(events) if as_json else _as_talk(events, session))
        status = (await workspace.store.sessions.get(session.id)).status
    finally:
        say_outcome(workspace, session, status, as_json=as_json)
    return stopped or status is SessionStatus.FINISHED


async def play_briefly(
    workspace: Workspace, session: Session, endpoints: Endpoints, control: RunControl
) -> SessionStatus:
    """Play one of several sessions: while it goes on a line says how far it is, and no more.

    Returns:
        How it stands at its end, or when `control` has asked to drain.
    """
    progress = SessionProgress(session, f"session {session.id}")
    events = play_session(workspace, session, endpoints, control=control)
    async with aclosing(events):
        with ticking(progress):
            async for event in events:
                progress.follow(event)
    return (await workspace.store.sessions.get(session.id)).status


def say_outcome(
    workspace: Workspace, session: Session, status: SessionStatus, *, as_json: bool
) -> None:
    """Print where the session lies and what to do next."""
    finished = status is SessionStatus.FINISHED
    if as_json:
        say_line(session=session.id, status=status)
    if as_json and finished:
        return
    console = err if as_json else out
    state = "[bold green]finished[/]" if finished else "[bold yellow]not finished[/]"
    console.print(f"Session {escape(session.id)} is {state}, stored in {escape(workspace.place)}")
    for verb, options, purpose in _NEXT[finished]:
        line = word(Command((verb, session.id), options, workspace.named_database))
        console.print(f"  {line:40} {purpose}", markup=False, soft_wrap=True)


def say_left(workspace: Workspace, left: int, run: str = "", *, as_json: bool = False) -> None:
    """Print how many sessions, of a run or of all, are unfinished, and what goes on with them."""
    words = ("resume", run) if run else ("resume",)
    command = word(Command(words, database=workspace.named_database))
    line = f"{left} sessions left. Go on: {command}"
    (err if as_json else out).print(line, markup=False, soft_wrap=True)


_NEXT: Mapping[bool, Sequence[tuple[str, tuple[Option, ...], str]]] = {
    True: (
        ("show", (Option("candidates"),), "every draft and choice"),
        ("export", (), "the session as JSON"),
    ),
    False: (("resume", (), "go on where it stopped"),),
}


def say_line(**content: object) -> None:
    """Print a JSON line."""
    print(to_json(content).decode(), flush=True)


async def _as_lines(events: AsyncGenerator[Event]) -> bool:
    async for event in events:
        if isinstance(event, NodeDone):
            say_line(node=event.node, **event.update)
        elif isinstance(event, Stopped):
            say_line(stopped_before=event.nodes)
            return True
    return False


async def _as_talk(events: AsyncGenerator[Event], session: Session) -> bool:
    progress = SessionProgress(session)
    if not session.utterances:
        opening = session.client.opening
        say(Speaker.COUNSELOR, opening.counselor)
        say(Speaker.CLIENT, opening.client)
    with ticking(progress):
        async for event in events:
            progress.follow(event)
            if isinstance(event, Stopped):
                out.print(f"[bold]Stopped before[/] {escape(', '.join(event.nodes))}")
                return True
            if isinstance(event, NodeDone):
                _show(event, progress)
    return False


def _show(event: NodeDone, progress: SessionProgress) -> None:
    update = event.update
    if "plan" in update:
        show_plan(update["plan"])
    for affect in update.get("affects", ()):
        show_affect(affect)
    for direction in update.get("directions", ()):
        show_direction(direction)
    for selection in update.get("selections", ()):
        show_selection(selection)
    for utterance in update.get("utterances", ()):
        show_utterance(utterance)
        if utterance.speaker is Speaker.CLIENT:
            out.print(f"[dim]{progress}[/]")
