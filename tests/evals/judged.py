"""Sessions to judge, and a judge that scores by a rule on the text."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from inspect_ai.model import (
    ChatMessage,
    GenerateConfig,
    Model,
    ModelOutput,
    ModelUsage,
    StopReason,
    get_model,
)

from magnet.evals.scales.files import questionnaires
from magnet.evals.scales.judge_input import DialogueLine, JudgeInput
from magnet.state.utterance import Speaker
from magnet.store.scores import ItemScore

COUNSELOR, CLIENT = Speaker.COUNSELOR, Speaker.CLIENT


def a_material(subject: str = "s1", *texts: str, **changes: Any) -> JudgeInput:
    """A session whose utterances are these, the counselor's first."""
    said = texts or (
        "Hello Ada. What brings you here?",
        "I can't sleep, and I am sure that I will lose my job.",
        "That sounds like long nights. What goes through your mind at three?",
        "That one mistake and everything is over. It helps to say it.",
    )
    lines = tuple(
        DialogueLine(speaker=CLIENT if place % 2 else COUNSELOR, text=text)
        for place, text in enumerate(said)
    )
    made: dict[str, Any] = {
        "subject": subject,
        "form": "Name: Ada\nAge: 30\n\nReason:\nI can't sleep.",
        "plan": ("Name the thought.", "Weigh the evidence.", "Plan a small step."),
        "lines": lines,
    }
    return JudgeInput(**(made | changes))


def a_score(item: str, value: float | None, sheet: str = "wai", **changes: Any) -> ItemScore:
    made: dict[str, Any] = {
        "subject": "s1",
        "sheet": sheet,
        "item": item,
        "judge": "a",
        "sample": 1,
        "prompt_hash": "h",
        "value": value,
    }
    return ItemScore(**(made | changes))


_TITLES = {
    item.title: name for sheet in questionnaires().values() for name, item in sheet.items.items()
}
_TITLE = re.compile(rf"^({'|'.join(map(re.escape, _TITLES))}): ", re.M)


@dataclass(frozen=True)
class Asked:
    """A question, as an endpoint hears it."""

    shape: str
    prompt: str
    seed: int | None
    temperature: float | None

    @property
    def item(self) -> str:
        """The item that is rated."""
        found = _TITLE.search(self.prompt)
        assert found, self.prompt
        return _TITLES[found[1]]

    @property
    def session(self) -> str:
        """The dialogue that is shown."""
        return self.prompt.partition("<session>")[2].partition("</session>")[0]


Rule = Callable[[Asked], object]
"""Gives an answer: text as it is, anything else as JSON."""


def rating(score: object, reason: str = "It shows.") -> Mapping[str, object]:
    return {"reason": reason, "score": score}


def points_for(word: str) -> Rule:
    """Rate every item by how often a word is said in the session, between the scale's points."""

    def rule(asked: Asked) -> object:
        sheet = next(s for s in questionnaires().values() if asked.item in s.items)
        count = asked.session.lower().count(word)
        return rating(min(sheet.scale.high, sheet.scale.low + count))

    return rule


@dataclass
class Judge:
    """A model of Inspect that answers by a rule, and what it was asked."""

    rule: Rule
    asked: list[Asked] = field(default_factory=list[Asked])

    def model(self, name: str = "mockllm/judge") -> Model:
        return get_model(name, memoize=False, custom_outputs=self._answer)

    def _answer(
        self, input: list[ChatMessage], tools: Any, tool_choice: Any, config: GenerateConfig
    ) -> ModelOutput:
        assert config.response_schema is not None
        asked = Asked(config.response_schema.name, input[-1].text, config.seed, config.temperature)
        self.asked.append(asked)
        answer = self.rule(asked)
        text = answer if isinstance(answer, str) else json.dumps(answer)
        stop: StopReason = "stop" if text.endswith("}") else "max_tokens"
        output = ModelOutput.from_content("judge", text, stop_reason=stop)
        # Without it Inspect counts tokens with a tokenizer that it fetches.
        output.usage = ModelUsage(input_tokens=9, output_tokens=3, total_tokens=12)
        return output
