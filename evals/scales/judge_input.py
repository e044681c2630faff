"""What a judge is shown: a session, or an intake form, without a word on how it was made."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from magnet.state.intake import IntakeForm
from magnet.state.utterance import Speaker
from magnet.store.records import Session


class DialogueLine(BaseModel):
    """An utterance, without the account of its making."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    speaker: Speaker
    text: str


class JudgeInput(BaseModel):
    """One thing to judge."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    subject: str = Field(description="what its scores are stored under")
    form: str = Field(default="", description="the whole intake form")
    plan: tuple[str, ...] = Field(default=(), description="the plan's steps")
    lines: tuple[DialogueLine, ...] = Field(default=(), description="the opening pair first")

    @property
    def counselor_lines(self) -> tuple[int, ...]:
        """Where the counselor's utterances are, the given greeting left out."""
        return tuple(
            place
            for place, line in enumerate(self.lines)
            if place and line.speaker is Speaker.COUNSELOR
        )

    def dialogue(self, start: int = 0, end: int | None = None) -> str:
        """Return utterances as text, numbered from 1, a line each."""
        return numbered(self.lines[start:end], start + 1)


def numbered(lines: Sequence[DialogueLine], first: int) -> str:
    """Return utterances as text, a line each with its number and speaker."""
    return "\n".join(
        f"[{number}] {line.speaker.value.capitalize()}: {' '.join(line.text.split())}"
        for number, line in enumerate(lines, first)
    )


def form_subject(form: IntakeForm) -> str:
    """Name an intake form by its content: equal forms of a person are judged once."""
    digest = hashlib.sha256(form.model_dump_json().encode()).hexdigest()
    return f"form:{digest[:16]}"


def judge_input_of(session: Session) -> JudgeInput:
    """Return what judges see of a session: nothing of its method, models or attitude."""
    return JudgeInput(
        subject=session.id,
        form=session.client.form.full_text,
        plan=tuple(session.plan.plan.steps) if session.plan else (),
        lines=tuple(DialogueLine(speaker=u.speaker, text=u.text) for u in session.utterances),
    )


def form_judge_input(form: IntakeForm) -> JudgeInput:
    """Return what judges see of a client before the session."""
    return JudgeInput(subject=form_subject(form), form=form.full_text)


def write_judge_inputs(path: Path, judge_inputs: Iterable[JudgeInput]) -> None:
    """Write the file of a task: a line each."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{one.model_dump_json()}\n" for one in judge_inputs), encoding="utf-8")


def read_judge_inputs(path: Path) -> Sequence[JudgeInput]:
    """Read the file of a task."""
    with path.open(encoding="utf-8") as lines:
        return [JudgeInput.model_validate_json(line) for line in lines]
