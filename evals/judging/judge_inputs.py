"""From stored sessions to what a judge is shown, and the file that a task reads it from."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from magnet.evals.scales.judge_input import DialogueLine, JudgeInput
from magnet.state.intake import IntakeForm
from magnet.store.records import Session


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
