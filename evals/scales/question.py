"""One call to a judge: what it is about, the shape of its answer, and how the answer is read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from magnet.evals.scales.judge_input import JudgeInput
from magnet.evals.scales.model import Questionnaire
from magnet.state.answer_text import json_in
from magnet.state.text import normalized, words
from magnet.store.scores import Evidence

M = TypeVar("M", bound=BaseModel)

_ELLIPSIS = re.compile(r"\.{3}|\u2026")
# A quote of a word or two is found anywhere and proves nothing, unless it is all that was said.
_QUOTED_WORDS = 3


class UnusableAnswerError(ValueError):
    """An answer that cannot be counted. The message tells the judge what is wrong with it."""


@dataclass(frozen=True, slots=True)
class ScoreReading:
    """What an answer says about one item."""

    item: str
    value: float | None
    reason: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a judge is asked in one call."""

    sheet: Questionnaire
    judge_input: JudgeInput
    items: tuple[str, ...]
    """The scores that its answer gives."""
    answer: type[BaseModel]
    """The answer's shape; endpoints are held to its JSON schema."""
    read: Callable[[str], tuple[ScoreReading, ...]]
    """Reads an answer's text; raises UnusableAnswerError."""
    passage: tuple[int, int] = (0, 0)
    """The utterances that it is about, from and to, where it is not about the whole session."""

    @property
    def schema(self) -> Mapping[str, Any]:
        """The JSON schema of the answer."""
        return self.answer.model_json_schema()


def parse(model: type[M], text: str) -> M:
    """Read an answer's JSON object; what stands around it is left out.

    Raises:
        UnusableAnswerError: naming the field.
    """
    found = json_in(text)
    if not found.startswith("{"):
        raise UnusableAnswerError("there is no JSON object in it")
    try:
        return model.model_validate_json(found)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise UnusableAnswerError(f"{place}: {first['msg']}" if place else first["msg"]) from error


def is_quoted(quote: str, text: str) -> bool:
    """Return whether a quote is in a text, word for word; "..." may stand for what is left out."""
    parts = [normalized(part) for part in _ELLIPSIS.split(quote) if words(part)]
    said = f" {normalized(text)} "
    long_enough = len(words(quote)) >= _QUOTED_WORDS or parts == [said.strip()]
    return bool(parts) and long_enough and all(f" {part} " in said for part in parts)
