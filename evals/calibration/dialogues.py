"""The calibration dialogues, and the order that they are meant to have on each item."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from magnet.evals.scales.files import questionnaires
from magnet.evals.scales.judge_input import DialogueLine, JudgeInput
from magnet.evals.scales.model import Text
from magnet.state.utterance import Speaker

_FOLDER = Path(__file__).parent
SUBJECT = "calibration:"
"""What the names of calibration dialogues begin with where scores are stored."""


class Dialogue(BaseModel):
    """A short session written for calibration, as its file has it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    about: Text = Field(description="what it is meant to be, for people")
    form: Text
    session: Annotated[tuple[Mapping[Speaker, Text], ...], Field(min_length=2)]

    @field_validator("session")
    @classmethod
    def _one_speaker_a_line(
        cls, session: tuple[Mapping[Speaker, str], ...]
    ) -> tuple[Mapping[Speaker, str], ...]:
        for number, line in enumerate(session, 1):
            if len(line) != 1:
                raise ValueError(f"utterance {number}: expected counselor or client, and a text")
        return session

    @property
    def lines(self) -> tuple[DialogueLine, ...]:
        """The utterances."""
        return tuple(
            DialogueLine(speaker=speaker, text=text)
            for line in self.session
            for speaker, text in line.items()
        )

    def judge_input(self, name: str) -> JudgeInput:
        """Return it as what judges see."""
        return JudgeInput(subject=f"{SUBJECT}{name}", form=self.form, lines=self.lines)


_INTENDED = TypeAdapter(Mapping[str, Mapping[str, Sequence[float]]])


@cache
def dialogues() -> Mapping[str, Dialogue]:
    """Return the dialogues by name, in the order of their numbers."""
    return {
        path.stem: Dialogue.model_validate(_read(path))
        for path in sorted((_FOLDER / "dialogues").glob("*.yaml"))
    }


@cache
def intended() -> Mapping[str, Mapping[str, Sequence[float]]]:
    """Return the levels that the dialogues are meant to have: by sheet and measure, in their order.

    Raises:
        ValueError: if a line does not have a level for each dialogue, or names no sheet.
    """
    levels = _INTENDED.validate_python(_read(_FOLDER / "intended.yaml"))
    for sheet, lines in levels.items():
        if sheet not in questionnaires():
            raise ValueError(
                f"intended.yaml: no sheet {sheet!r}; there are {', '.join(questionnaires())}"
            )
        for measure, line in lines.items():
            if len(line) != len(dialogues()):
                raise ValueError(
                    f"intended.yaml: {sheet} > {measure}: expected {len(dialogues())} levels, "
                    f"found {len(line)}"
                )
    return levels


def _read(path: Path) -> object:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
