"""What a judge is shown: a session, or an intake form, without a word on how it was made."""

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from magnet.state.utterance import Speaker


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
