"""What a judge is asked about two sessions, and the shape of its answer."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Annotated, Any, Literal

import yaml
from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage
from pydantic import BaseModel, ConfigDict, JsonValue, StringConstraints

from magnet.evals.preference.aspects import Aspect
from magnet.evals.scales.judge_input import judge_input_of
from magnet.store.records import Session


class PreferenceAnswer(BaseModel):
    """A judge's answer. The reason comes first, so that the verdict follows from it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=600)]
    better: Literal["1", "2", "tie"]


class _Prompt(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    system: str
    transcripts: str
    question: str
    again: str


_PROMPT = _Prompt.model_validate(
    yaml.safe_load(Path(__file__).with_name("prompt.yaml").read_text(encoding="utf-8"))
)


def preference_messages(
    first: Session, second: Session, aspect: Aspect, *, problem: str = ""
) -> list[BaseMessage]:
    """Ask which of two sessions with one client is better in one respect.

    The judge reads what the counselor could know of the client and both transcripts; nothing tells
    it how a session was made.

    Args:
        first: the session that it reads first.
        second: the other.
        aspect: the respect.
        problem: what was wrong with its last answer, when it is asked again.
    """
    form = first.client.form
    transcripts = Template(_PROMPT.transcripts).substitute(
        client_information=form.client_information,
        reason=form.reason,
        first=judge_input_of(first).dialogue(),
        second=judge_input_of(second).dialogue(),
    )
    question = Template(_PROMPT.question).substitute(aspect.model_dump())
    again = Template(_PROMPT.again).substitute(problem=problem) if problem else ""
    # One message of the user: some chat templates refuse two in a row.
    text = "\n".join(part for part in (transcripts, question, again) if part)
    return [SystemMessage(_PROMPT.system.strip()), HumanMessage(text.strip())]


def instrument(aspect: Aspect, sampling: Mapping[str, JsonValue]) -> str:
    """Return 12 hexadecimal digits of all that decides what a judge is asked about an aspect.

    Args:
        aspect: as it is worded.
        sampling: how the judge is sampled: temperature and the like.
    """
    content: dict[str, Any] = {
        "prompt": _PROMPT.model_dump(),
        "aspect": aspect.model_dump(),
        "answer": PreferenceAnswer.model_json_schema(),
        "sampling": dict(sampling),
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:12]
