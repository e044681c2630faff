"""The file `director.yaml`: all that a director can tell an agent."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field, field_validator

from magnet.prompts.fields import Sight
from magnet.state import CbtTechnique, Intention, LeaveReason, Phase, RiskKind
from magnet.state.director import MOST_WORDS

K = TypeVar("K", bound=StrEnum)
Three = tuple[str, str, str]


class _Texts(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LengthText(_Texts):
    """How a length is told: models count no words."""

    words: int = Field(ge=1, description="the most that this stands for")
    text: str


class AskingTexts(_Texts):
    """Whether the counselor's turn ends with a question."""

    must: str
    must_not: str


class MoodTexts(_Texts):
    """How a feeling is told, in thirds of its range from low to high."""

    valence: Three
    arousal: Three
    trust: Three


class EndingTexts(_Texts):
    """What the counselor does towards the end."""

    summary: str
    goodbye: str
    left: str


class DirectorTexts(_Texts):
    """The whole file."""

    settings: Mapping[str, str]
    blocks: Mapping[Sight, str]
    phases: Mapping[Phase, str]
    asking: AskingTexts
    mood_falls: str
    endings: EndingTexts
    safety: Mapping[RiskKind, str]
    safety_again: str
    may_end: str
    intentions: Mapping[Intention, str]
    lengths: tuple[LengthText, ...]
    length_free: str
    moods: MoodTexts
    leaving: Mapping[LeaveReason, str]
    goodbye: str
    deliberation: str
    steps_free: str
    techniques: Mapping[CbtTechnique, str]

    @field_validator("phases", "safety", "intentions", "leaving", "techniques")
    @classmethod
    def _a_text_for_each(cls, texts: Mapping[K, str]) -> Mapping[K, str]:
        if not texts:
            raise ValueError("expected an entry for each")
        missing = [member.value for member in type(next(iter(texts))) if member not in texts]
        if missing:
            raise ValueError(f"expected an entry {missing[0]}")
        return texts

    @field_validator("lengths")
    @classmethod
    def _every_length(cls, lengths: tuple[LengthText, ...]) -> tuple[LengthText, ...]:
        bounds = [one.words for one in lengths]
        if bounds != sorted(bounds) or not bounds or bounds[-1] < MOST_WORDS:
            raise ValueError(f"expected rising numbers of words, up to {MOST_WORDS}")
        return lengths

    @property
    def texts(self) -> list[str]:
        """All texts that an agent may be told."""
        return list(_strings(self.model_dump()))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in cast(Mapping[str, Any], value).values():
            yield from _strings(one)
    elif isinstance(value, Sequence):
        for one in cast(Sequence[Any], value):
            yield from _strings(one)
