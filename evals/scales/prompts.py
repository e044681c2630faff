"""What a judge is told: the frame, the material, the item and its points, put into two messages.

The material stands before the item, so that the calls about one session share their beginning and
a server's prefix cache computes it once.
"""

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Template
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict

from magnet.evals.scales.model import JudgeField, Questionnaire, Shape, Text
from magnet.evals.scales.question import Question

Order = Literal["up", "down"]
"""Whether the points are listed from the lowest or from the highest."""


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
