"""Playing a session before the user's eyes: utterances as they are made, and a progress line."""

import shlex
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from langgraph.runtime import RunControl
from pydantic_core import to_json
from rich.markup import escape
from rich.padding import Padding

from magnet.cli.console import err, out
from magnet.cli.draining import draining
from magnet.cli.session_progress import SessionProgress, ticking
from magnet.models.endpoints import Endpoints
from magnet.sessions.breakpoints import Stop
from magnet.sessions.runner import Event, NodeDone, Stopped, play_session
from magnet.sessions.workspace import Workspace
from magnet.state import Affect, Direction, PlanRecord, Selection, Speaker, Utterance
from magnet.store import Session, SessionStatus

_STYLES = {Speaker.COUNSELOR: "bold cyan", Speaker.CLIENT: "bold yellow"}


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


def introduce(session: Session) -> None:
    """Print what a session is."""
    models = ", ".join(sorted(set(session.specs.values()))) or "imported"
    out.print(
        f"[bold]Session {escape(session.id)}[/]: {escape(session.client_name)}, "
        f"{session.client.form.age}, {session.attitude.value} · {escape(session.method)} · "
        f"{session.settings.turn_limit} turns · {escape(models)} · seed {session.settings.seed}"
    )


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
    for command, purpose in _NEXT[finished]:
        line = command.format(shlex.quote(session.id)) + workspace.flag
        console.print(f"  {line:40} {purpose}", markup=False, soft_wrap=True)


def say_left(workspace: Workspace, left: int, run: str = "", *, as_json: bool = False) -> None:
    """Print how many sessions, of a run or of all, are unfinished, and what goes on with them."""
    command = f"magnet resume {shlex.quote(run)}" if run else "magnet resume"
    line = f"{left} sessions left. Go on: {command}{workspace.flag}"
    (err if as_json else out).print(line, markup=False, soft_wrap=True)


_NEXT = {
    True: (
        ("magnet show {} --candidates", "every draft and choice"),
        ("magnet export {}", "the session as JSON"),
    ),
    False: (("magnet resume {}", "go on where it stopped"),),
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
        _say(Speaker.COUNSELOR, opening.counselor)
        _say(Speaker.CLIENT, opening.client)
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


def show_plan(record: PlanRecord) -> None:
    """Print the plan."""
    out.print(f"[bold magenta]Plan[/] {escape(record.plan.text)}")


def show_direction(direction: Direction) -> None:
    """Print what the director decided of an exchange."""
    told = "; ".join(_told(direction))
    if told:
        out.print(f"[magenta]director:[/] {escape(told)}")


def _told(direction: Direction) -> Iterator[str]:
    if direction.phase:
        step = f", step {direction.progress.step}" if direction.progress else ""
        yield f"{direction.phase.value}{step}"
    if direction.manner:
        yield f"client: {direction.manner.intention.value}, {direction.manner.words} words"
    if direction.novelty:
        yield "question" if direction.novelty.asks else "no question"
    if direction.mood_falls:
        yield "the client's mood falls"
    if direction.ending:
        leaving = direction.ending.leaving
        why = f" (the client leaves: {leaving.value})" if leaving else ""
        yield f"{direction.ending.farewell.value}{why}"
    if direction.risk:
        yield from (f"risk: {f.kind.value}, {f.by}: {f.words!r}" for f in direction.risk.findings)
        if direction.risk.minor and direction.exchange == 1:
            yield "risk: the client is under 18"


def show_affect(affect: Affect) -> None:
    """Print how the client feels as an exchange begins."""
    out.print(
        f"[magenta]feelings:[/] valence {affect.valence:+.2f}, arousal {affect.arousal:.2f}, "
        f"trust {affect.trust:.2f}"
    )


def show_selection(selection: Selection) -> None:
    """Print the chosen techniques."""
    out.print(f"[magenta]techniques:[/] {', '.join(selection.techniques)}")


def show_utterance(utterance: Utterance) -> None:
    """Print an utterance, with the checks that it fails if any."""
    _say(utterance.speaker, utterance.text)
    if utterance.making and utterance.making.flags:
        out.print(f"[dim red]flagged: {', '.join(utterance.making.flags)}[/]")


def _say(speaker: Speaker, text: str) -> None:
    out.print(f"[{_STYLES[speaker]}]{speaker.value.capitalize()}[/]")
    out.print(Padding(escape(text), (0, 0, 0, 2)))
