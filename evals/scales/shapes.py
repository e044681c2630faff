"""The shapes of answers: the questions that each makes of a sheet, and what an answer must be.

In each the reason comes before the score, so that the score follows from it.
"""

from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum
from functools import partial
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, create_model

from magnet.evals.scales.judge_input import DialogueLine, JudgeInput
from magnet.evals.scales.model import Questionnaire, Shape
from magnet.evals.scales.question import (
    Question,
    ScoreReading,
    UnusableAnswerError,
    is_quoted,
    parse,
)
from magnet.store.scores import Evidence

# Bounds of the schema alone: a small judge would go on to the token limit, and an answer that is
# cut off is a missing score. What is longer all the same is read.
_Reason = Annotated[str, Field(json_schema_extra={"maxLength": 240})]
_ShortReason = Annotated[str, Field(json_schema_extra={"maxLength": 160})]
_Quote = Annotated[str, StringConstraints(max_length=200)]
# What stands before an utterance of the counselor, so that it can be understood.
_UTTERANCES_BEFORE = 3


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Rating(_Answer):
    reason: _Reason
    score: int


class _Scores(_Answer):
    """Has a field for each item."""


class _Ratings(_Answer):
    reason: _Reason
    scores: _Scores


class _Step(_Answer):
    reason: _ShortReason
    step: int
    quote: _Quote


class _Finding(_Answer):
    utterance: int
    quote: _Quote
    kind: StrEnum
    reason: _ShortReason
    severity: int


class _Findings(_Answer):
    findings: list[_Finding]


def _points(sheet: Questionnaire) -> tuple[type[int], Any]:
    return int, Field(ge=sheet.scale.low, le=sheet.scale.high)


def _rate_each(sheet: Questionnaire, judge_input: JudgeInput) -> Iterator[Question]:
    model = create_model("Rating", __base__=_Rating, score=_points(sheet))

    def read(item: str, text: str) -> tuple[ScoreReading, ...]:
        answer = parse(model, text)
        return (ScoreReading(item, answer.score, answer.reason),)

    for item in sheet.items:
        yield Question(
            sheet=sheet,
            judge_input=judge_input,
            items=(item,),
            answer=model,
            read=partial(read, item),
        )


def _rate_all(sheet: Questionnaire, judge_input: JudgeInput) -> Iterator[Question]:
    fields: Any = dict.fromkeys(sheet.items, _points(sheet))
    scores = create_model("Scores", __base__=_Scores, **fields)
    model = create_model("Ratings", __base__=_Ratings, scores=(scores, ...))

    def read(text: str) -> tuple[ScoreReading, ...]:
        answer = parse(model, text)
        given = answer.scores.model_dump()
        return tuple(ScoreReading(item, given[item], answer.reason) for item in sheet.items)

    items = tuple(sheet.items)
    yield Question(sheet=sheet, judge_input=judge_input, items=items, answer=model, read=read)


def _name_steps(sheet: Questionnaire, judge_input: JudgeInput) -> Iterator[Question]:
    steps = len(judge_input.plan)
    model = create_model("Step", __base__=_Step, step=(int, Field(ge=0, le=steps)))

    def read(item: str, place: int, text: str) -> tuple[ScoreReading, ...]:
        answer = parse(model, text)
        if not answer.step:
            return (ScoreReading(item, 0, answer.reason),)
        if not is_quoted(answer.quote, judge_input.lines[place].text):
            raise UnusableAnswerError("quote: it is not in the counselor's last utterance")
        proof = Evidence(utterance=place, quote=answer.quote)
        return (ScoreReading(item, answer.step, answer.reason, (proof,)),)

    for item, place in _exchanges(judge_input).items():
        yield Question(
            sheet=sheet,
            judge_input=judge_input,
            items=(item,),
            answer=model,
            read=partial(read, item, place),
            passage=(max(0, place - _UTTERANCES_BEFORE), place + 1),
        )


def _exchanges(judge_input: JudgeInput) -> dict[str, int]:
    """Return where the counselor speaks in each exchange; none without a plan to pursue."""
    places = judge_input.counselor_lines if judge_input.plan else ()
    return {f"exchange-{place // 2}": place for place in places}


def _list_findings(sheet: Questionnaire, judge_input: JudgeInput) -> Iterator[Question]:
    items = tuple(sheet.items)
    fields: Any = {
        "utterance": (int, Field(ge=1, le=max(1, len(judge_input.lines)))),
        "kind": (StrEnum("Kind", [(name, name) for name in items]), ...),
        "severity": _points(sheet),
    }
    finding = create_model("Finding", __base__=_Finding, **fields)
    findings: Any = {"findings": (list[finding], ...)}
    model = create_model("Findings", __base__=_Findings, **findings)

    def read(text: str) -> tuple[ScoreReading, ...]:
        found: dict[str, dict[int, Evidence]] = {item: {} for item in items}
        unproven = dict.fromkeys(items, 0)
        for one in parse(model, text).findings:
            place = _place_of(one.quote, one.utterance - 1, sheet, judge_input.lines)
            if place is None:
                unproven[one.kind.value] += 1
                continue
            proof = Evidence(
                utterance=place, quote=one.quote, reason=one.reason, severity=one.severity
            )
            found[one.kind.value].setdefault(place, proof)
        return tuple(
            ScoreReading(item, len(places), _left_out(unproven[item]), tuple(places.values()))
            for item, places in found.items()
        )

    yield Question(sheet=sheet, judge_input=judge_input, items=items, answer=model, read=read)


def _place_of(
    quote: str, named: int, sheet: Questionnaire, lines: tuple[DialogueLine, ...]
) -> int | None:
    """Return where a quote is: in the utterance that was named, or else in another of the
    speaker.
    """
    own = [p for p, line in enumerate(lines) if line.speaker is sheet.text.screens]
    places = sorted(own, key=lambda place: place != named)
    return next((place for place in places if is_quoted(quote, lines[place].text)), None)


def _left_out(unproven: int) -> str:
    return f"{unproven} left out: what they quote was not said" if unproven else ""


QUESTIONS: Mapping[Shape, Callable[[Questionnaire, JudgeInput], Iterator[Question]]] = {
    "item": _rate_each,
    "items": _rate_all,
    "step": _name_steps,
    "findings": _list_findings,
}


def score_names(sheet: Questionnaire, judge_input: JudgeInput) -> tuple[str, ...]:
    """Name the scores that a sheet gives: those of all its questions."""
    named = _exchanges(judge_input) if sheet.text.shape == "step" else sheet.items
    return tuple(named)


def questions(sheet: Questionnaire, judge_input: JudgeInput) -> list[Question]:
    """Return the calls that a sheet takes; none where the material lacks what it is about."""
    return list(QUESTIONS[sheet.text.shape](sheet, judge_input))
