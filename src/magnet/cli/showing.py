"""What a session is made of, as it is printed while it is played and when it is shown."""

from collections.abc import Iterator

from rich.markup import escape
from rich.padding import Padding

from magnet.cli.console import out
from magnet.state import Affect, Direction, PlanRecord, Selection, Speaker, Utterance
from magnet.store import Session

_STYLES = {Speaker.COUNSELOR: "bold cyan", Speaker.CLIENT: "bold yellow"}


def introduce(session: Session) -> None:
    """Print what a session is."""
    models = ", ".join(sorted(set(session.model_ids.values()))) or "imported"
    out.print(
        f"[bold]Session {escape(session.id)}[/]: {escape(session.client_name)}, "
        f"{session.client.form.age}, {session.attitude.value} · {escape(session.method)} · "
        f"{session.settings.turn_limit} turns · {escape(models)} · seed {session.settings.seed}"
    )


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
    say(utterance.speaker, utterance.text)
    if utterance.provenance and utterance.provenance.flags:
        out.print(f"[dim red]flagged: {', '.join(utterance.provenance.flags)}[/]")


def say(speaker: Speaker, text: str) -> None:
    """Print what somebody says."""
    out.print(f"[{_STYLES[speaker]}]{speaker.value.capitalize()}[/]")
    out.print(Padding(escape(text), (0, 0, 0, 2)))
