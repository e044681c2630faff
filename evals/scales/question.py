"""One call to a judge: what it is told, the shape of its answer, and how the answer is read.

The material stands before the item, so that the calls about one session share their beginning and
a server's prefix cache computes it once.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from magnet.evals.scales.judge_input import JudgeInput
from magnet.evals.scales.model import JudgeField, Questionnaire, Shape, Text
from magnet.state.answer_text import json_in
from magnet.state.text import normalized, words
from magnet.store.scores import Evidence

Order = Literal["up", "down"]
"""Whether the points are listed from the lowest or from the highest."""

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


class Frame(BaseModel):
    """What is the same for all scales."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    system: Text
    blocks: Mapping[JudgeField, Text]
    answers: Mapping[Shape, Text]
    again: Text


@cache
def frame() -> Frame:
    """Return the frame, read once."""
    path = Path(__file__).with_name("frame.yaml")
    return Frame.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


def system_message() -> str:
    """Return what every judge is told first."""
    return frame().system


def user_message(question: Question, *, order: Order = "up", problem: str | None = None) -> str:
    """Return a question as text.

    Args:
        question: what is asked.
        order: in which the points are listed.
        problem: what was wrong with the judge's last answer, when it is asked again.
    """
    sheet = question.sheet
    shown = _material(question)
    asked = _asked(question, order)
    parts = [
        *(Template(frame().blocks[sight]).substitute(shown) for sight in sheet.text.sees),
        sheet.text.task,
        Template(frame().answers[sheet.text.shape]).substitute(asked),
    ]
    if problem is not None:
        parts.append(Template(frame().again).substitute(problem=problem))
    return "\n\n".join(part.strip() for part in parts)


def prompt_hash(sheet: Questionnaire, temperature: float | None, order: Order = "up") -> str:
    """Return 12 hexadecimal digits of all that decides an answer besides material and model."""
    scale = sheet.scale
    content = {
        "system": frame().system,
        "blocks": [frame().blocks[sight] for sight in sheet.text.sees],
        "answer": frame().answers[sheet.text.shape],
        "sheet": sheet.text.model_dump(mode="json"),
        "points": [scale.low, scale.high, dict(scale.anchors)],
        "items": {name: item.model_dump(mode="json") for name, item in sheet.items.items()},
        "order": order,
        "temperature": temperature,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]


def _material(question: Question) -> dict[str, str]:
    judge_input = question.judge_input
    steps = (f"{number}. {step}" for number, step in enumerate(judge_input.plan, 1))
    return {
        "form": judge_input.form,
        "plan": "\n".join(steps),
        "dialogue": judge_input.dialogue(),
        "exchange": judge_input.dialogue(*question.passage),
    }


def _asked(question: Question, order: Order) -> dict[str, str]:
    sheet = question.sheet
    # Of a question about one item, the item; of one about several, what they have in common.
    name = question.items[0] if question.items[0] in sheet.items else next(iter(sheet.items))
    item = sheet.items[name]
    points = list(sheet.points(name).items())
    if order == "down":
        points.reverse()
    return {
        "title": item.title,
        "asks": item.asks,
        "points": "\n".join(f"{point}: {text}" for point, text in points),
        "items": "\n".join(
            f"- {name}" + (f": {item.asks}" if item.asks else "")
            for name, item in sheet.items.items()
        ),
        "low": str(sheet.scale.low),
        "high": str(sheet.scale.high),
    }
