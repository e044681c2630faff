"""Asking a judge one question until its answer can be counted."""

from collections.abc import Sequence

from inspect_ai.model import (
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    Model,
    ResponseSchema,
)
from inspect_ai.util import json_schema

from magnet.evals.judging.jobs import JudgeConfig
from magnet.evals.judging.journal import ScoreKey, current_journal
from magnet.evals.scales.prompts import prompt_hash, system_message, user_message
from magnet.evals.scales.question import Question, ScoreReading, UnusableAnswerError
from magnet.state.call import derive_seed
from magnet.state.text import storable
from magnet.store.scores import ItemScore

ATTEMPTS = 3
"""How often a question is asked at most, until the answer is usable."""

_KEPT_OF_A_BAD_ANSWER = 200


async def ask(
    question: Question, model: Model, judge: str, sample: int, config: JudgeConfig
) -> tuple[ItemScore, ...]:
    """Return the scores that an answer gives, from the journal if they are there.

    An answer that cannot be used is asked for again, told what is wrong with it. After the last
    attempt its scores are missing, and their reason says why.

    Args:
        question: what is asked.
        model: the judge.
        judge: what its scores are stored under.
        sample: number of this sample, from 1.
        manner: how it is asked.
    """
    version = prompt_hash(question.sheet, config.temperature, config.order)
    journal = current_journal()
    keys = [
        ScoreKey(question.judge_input.subject, question.sheet.name, item, judge, sample, version)
        for item in question.items
    ]
    known = [score for key in keys if (score := journal.find(key)) is not None]
    if len(known) == len(keys):
        return tuple(known)
    readings = await _readings(question, model, sample, config)
    scores = tuple(
        ItemScore(
            **key._asdict(), value=reading.value, reason=reading.reason, evidence=reading.evidence
        )
        for key, reading in zip(keys, readings, strict=True)
    )
    await journal.record(scores)
    return scores


async def _readings(
    question: Question, model: Model, sample: int, config: JudgeConfig
) -> Sequence[ScoreReading]:
    problem = answer = ""
    for attempt in range(ATTEMPTS):
        output = await model.generate(
            [
                ChatMessageSystem(content=system_message()),
                ChatMessageUser(
                    content=user_message(question, order=config.order, problem=problem or None)
                ),
            ],
            config=_config(question, sample, attempt, config),
        )
        if output.stop_reason == "model_length":
            return _missing(question, "it does not fit into the judge's context")
        answer = storable(output.completion)
        try:
            return question.read(answer)
        except UnusableAnswerError as error:
            cut_off = output.stop_reason == "max_tokens"
            problem = "it was cut off, so say less" if cut_off else str(error)
    return _missing(
        question, f"{ATTEMPTS} unusable answers; {problem}: {answer[:_KEPT_OF_A_BAD_ANSWER]}"
    )


def _missing(question: Question, why: str) -> list[ScoreReading]:
    return [ScoreReading(item, None, why) for item in question.items]


def _config(question: Question, sample: int, attempt: int, config: JudgeConfig) -> GenerateConfig:
    place = (question.judge_input.subject, question.sheet.name, question.items[0], attempt)
    return GenerateConfig(
        temperature=config.temperature,
        max_tokens=max(config.answer_tokens, question.sheet.text.answer_tokens),
        seed=derive_seed(sample, *place),
        response_schema=ResponseSchema(
            name=question.sheet.text.shape,
            json_schema=json_schema(question.answer),
            strict=True,
        ),
    )
