"""The commands of `magnet step`: what each does, and what it prints."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self, cast

import typer
import yaml
from rich.columns import Columns
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel

from magnet.cli.console import err, out
from magnet.cli.editor import edit_text
from magnet.cli.exits import word
from magnet.cli.history import made_by, print_history
from magnet.cli.showing import introduce
from magnet.cli.step_command import StepCommand, key_and_text
from magnet.graph.drawing import NodeMark, draw
from magnet.sessions.debugging import PointError, Step, Stepper
from magnet.sessions.debugging.stepper import Pace
from magnet.sessions.runner import Event
from magnet.sessions.workspace import Workspace
from magnet.state import Call, Candidate, PlanRecord, Selection, SessionUpdate, Utterance
from magnet.state.errors import Command
from magnet.state.values import ValueNameError, document_of, read_value, value_at
from magnet.store import Session


class Walk:
    """A walk through a session, before the user's eyes."""

    def __init__(self, stepper: Stepper) -> None:
        self._stepper = stepper
        self._going = True
        self._shown = stepper.session.id
        self.commands: tuple[StepCommand, ...] = (
            StepCommand("s", "step", "", "one super-step on", lambda: self._advance("step")),
            StepCommand("x", "exchange", "", "to the end of an exchange", self._exchange),
            StepCommand("e", "end", "", "to the end of the session", lambda: self._advance("end")),
            StepCommand("b", "back", "[N]", "N steps back; nothing is undone", self._back),
            StepCommand("g", "goto", "STEP", "to a step, turn:N or checkpoint", self._goto),
            StepCommand("v", "view", "[KEY]", "a value here, or all", self._view),
            StepCommand("m", "messages", "NODE", "a node's prompt and raw answers", self._messages),
            StepCommand(
                "w",
                "edit",
                "KEY [VALUE]",
                "change a value; no VALUE: $EDITOR",
                self._edit,
                key_and_text,
            ),
            StepCommand(
                "r",
                "rerun",
                "NODE [seed=N] [temperature=T] [model=MODEL_ID] [prompt=FILE]",
                "ask a node again, both answers side by side",
                self._rerun,
            ),
            StepCommand("k", "keep", "", "take the answer of the rerun", self._keep),
            StepCommand("n", "branch", "[ID]", "a new session from here", self._branch),
            StepCommand("t", "graph", "", "the graph, what runs next marked", self._graph),
            StepCommand("h", "history", "", "all steps", lambda: self._history()),
            StepCommand("?", "help", "", "these commands", lambda: self.show_help()),
            StepCommand("q", "quit", "", "leave; the session can be resumed", self._quit),
        )

    @classmethod
    @asynccontextmanager
    async def open(cls, workspace: Workspace, session: Session) -> AsyncGenerator[Self]:
        """Open a session to walk through."""
        stepper = await Stepper.open(workspace, session)
        introduce(stepper.session)
        try:
            yield cls(stepper)
        finally:
            await stepper.aclose()

    async def obey(self, line: str) -> bool:
        """Do what a line says; tell whether to go on.

        Raises:
            typer.BadParameter: if it is no command, or its arguments do not fit.
        """
        name, rest = [*line.split(maxsplit=1), "", ""][:2]
        if not name or name.startswith("#"):
            return True
        command = next((one for one in self.commands if name in (one.key, one.name)), None)
        if command is None:
            raise typer.BadParameter(f"{name!r} is no command; ? shows them")
        done = command.bind(rest)()
        if done is not None:
            await done
        return self._going

    def show_help(self) -> None:
        """Print the commands."""
        lines = [
            f"[bold]{one.key}[/] {one.name} {escape(one.arguments)} [dim]{one.help}[/]"
            for one in self.commands
        ]
        out.print(Columns(lines, padding=(0, 3)))

    def show_place(self) -> None:
        """Print where the walk stands."""
        step, timeline = self._stepper.position, self._stepper.timeline
        if timeline.session.id != self._shown:
            self._shown = timeline.session.id
            out.print(f"[magenta]now in session {escape(self._shown)}[/]")
        following = ", ".join(step.next) or "nothing, the session has ended"
        behind = "" if self._stepper.at_head else f" of {timeline.head.number}"
        out.print(
            f"[bold green]step {step.number}{behind}[/] · turn {step.turn} · made by "
            f"{escape(made_by(step))} · next: {escape(following)}"
        )

    def show_next_commands(self) -> None:
        """Print how to go on after the walk."""
        database = self._stepper.workspace.named_database
        for verb in ("step", "resume", "show"):
            command = Command((verb, self._stepper.session.id), database=database)
            out.print(f"  {word(command)}", markup=False, soft_wrap=True)

    async def _advance(self, pace: Pace) -> None:
        with err.status("playing") as status:

            def watch(event: Event) -> None:
                if isinstance(event, Call):
                    status.update(f"{event.node} answered, {event.seconds:.1f} s")

            passed = await self._stepper.advance(pace, watch)
        for step in passed:
            self._show_step(step)
        self.show_place()

    async def _exchange(self) -> None:
        await self._advance("exchange")

    def _show_step(self, step: Step) -> None:
        document = document_of(step.state)
        out.print(f"[dim]── step {step.number} · {escape(made_by(step))} ──[/]")
        for name in step.changed:
            if name != "end":
                out.print(f"[cyan]{name}[/]")
                out.print(Padding(escape(_text(value_at(document, name))), (0, 0, 0, 2)))

    def _back(self, steps: str = "1") -> None:
        if not steps.isdigit():
            raise typer.BadParameter(f"back {steps}: expected a number of steps")
        self._stepper.back(int(steps))
        self.show_place()

    def _goto(self, point: str) -> None:
        self._stepper.go_to(point)
        self.show_place()

    def _view(self, name: str = "") -> None:
        out.print(escape(_text(self._stepper.value(name))))

    async def _messages(self, node: str) -> None:
        asked = await self._stepper.asked(node)
        kept = asked.calls[0].messages if asked.calls else None
        prompt = kept or [{"role": m.type, "content": m.text} for m in asked.messages]
        for message in prompt:
            out.print(f"[cyan]{message['role']}[/]")
            out.print(Padding(escape(str(message["content"])), (0, 0, 0, 2)))
        for call in asked.calls:
            title = f"answer {call.attempt + 1} · seed {call.seed} · {call.outcome}"
            out.print(Panel(escape(call.text or ""), title=escape(title), title_align="left"))
        if not asked.calls:
            out.print("[dim]no answer yet[/]")

    async def _edit(self, name: str, value: str = "") -> None:
        old = self._stepper.value(name)
        if value:
            new = read_value(value, old)
        else:
            new = _read_edited(name, edit_text(_text(old), ".yaml"), old)
        await self._stepper.set(name, new)
        self._show_step(self._stepper.position)
        self.show_place()

    async def _rerun(
        self,
        node: str,
        *,
        seed: str | None = None,
        temperature: str | None = None,
        model: str | None = None,
        prompt: str | None = None,
    ) -> None:
        made = await self._stepper.rerun(
            node,
            seed=_number("seed", seed, int),
            temperature=_number("temperature", temperature, float),
            model=model,
            prompt=Path(prompt) if prompt else None,
        )
        width = max(30, (out.width - 2) // 2)
        sides = (("before", made.before), ("now", made.after))
        panels = [Panel(escape(_written(one)), title=name, width=width) for name, one in sides]
        out.print(Columns(panels, padding=(0, 1)))
        out.print("[dim]k keeps the new answer[/]")

    async def _keep(self) -> None:
        await self._stepper.keep()
        self._show_step(self._stepper.position)
        self.show_place()

    async def _branch(self, session_id: str | None = None) -> None:
        await self._stepper.branch(session_id)
        self.show_place()

    def _graph(self) -> None:
        graph = self._stepper.workspace.graph(self._stepper.session.method)
        marks = {node: NodeMark(state="next") for node in self._stepper.position.next}
        out.print(draw(graph, "ascii", marks=marks), markup=False, highlight=False)

    def _history(self) -> None:
        print_history(self._stepper.timeline, self._stepper.position)

    def _quit(self) -> None:
        self._going = False


def _number(name: str, text: str | None, read: Callable[[str], Any]) -> Any:
    try:
        return None if text is None else read(text)
    except ValueError:
        raise PointError(f"{name}={text}: expected a number") from None


def _text(value: object) -> str:
    """Return a value as it is edited: a text as it is, anything else as YAML."""
    if isinstance(value, str):
        return value
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=100).strip()


def _read_edited(name: str, edited: str, old: object) -> object:
    if isinstance(old, str):
        return edited.strip()
    try:
        return yaml.safe_load(edited)
    except yaml.YAMLError as error:
        raise ValueNameError(f"{name}: cannot be read as YAML: {error}") from error


def _written(update: SessionUpdate) -> str:
    """Return what a node wrote, an item a paragraph, with the checks that it fails."""
    items: list[Any] = []
    for value in update.values():
        items += cast(list[Any], value) if isinstance(value, list) else [value]
    return "\n\n".join(map(_item, items))


def _item(item: object) -> str:
    match item:
        case PlanRecord():
            text, flags = item.plan.text, item.provenance.flags
        case Selection():
            text, flags = f"{', '.join(item.techniques)}: {item.reason}", item.provenance.flags
        case Candidate() | Utterance():
            text, flags = item.text, item.provenance.flags if item.provenance else ()
        case _:
            text, flags = str(item), ()
    return f"{text}\n({', '.join(flags)})" if flags else text
