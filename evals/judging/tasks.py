"""The Inspect task: judges fill in sheets, each a scorer with a value for each item."""

from collections.abc import Sequence
from math import nan
from pathlib import Path

from inspect_ai import Epochs, Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import (
    ChatMessage,
    ChatMessageAssistant,
    ChatMessageSystem,
    ChatMessageUser,
    GenerateConfig,
    Model,
    ResponseSchema,
    get_model,
)
from inspect_ai.scorer import Score, Scorer, Target, mean, scorer
from inspect_ai.solver import Generate, Solver, TaskState, solver
from inspect_ai.util import collect, json_schema
from pydantic import TypeAdapter

from magnet.evals.judging.inspect_api import judge_of
from magnet.evals.judging.jobs import ANSWER_TOKENS, JudgeConfig, ScoreKey, current_journal
from magnet.evals.scales.files import questionnaire_named
from magnet.evals.scales.judge_input import DialogueLine, JudgeInput, read_judge_inputs
from magnet.evals.scales.measures import sample_values
from magnet.evals.scales.model import Questionnaire
from magnet.evals.scales.question import (
    Order,
    Question,
    ScoreReading,
    UnusableAnswerError,
    prompt_hash,
    system_message,
    user_message,
)
from magnet.evals.scales.shapes import questions
from magnet.state.call import derive_seed
from magnet.state.text import storable
from magnet.state.utterance import Speaker
from magnet.store.scores import ItemScore

MATERIAL = "material"
"""Where a sample's metadata holds what is judged."""


SCORES = TypeAdapter(tuple[ItemScore, ...])


@task
def judging(
    judge_inputs: str,
    sheets: str,
    samples: int = 3,
    temperature: float | None = 0.0,
    order: Order = "up",
    answer_tokens: int = ANSWER_TOKENS,
    at_once: bool = False,
) -> Task:
    """Make the task. Its arguments stand in its log, so that Inspect can make it again.

    Args:
        judge_inputs: the file that `write_judge_inputs` wrote.
        sheets: names, with commas.
        samples: how often each question is asked.
        temperature: the judge's; none leaves it to the endpoint.
        order: in which the points of a scale are listed.
        answer_tokens: that an answer may take, where its sheet does not allow more.
        at_once: ask all about a session at once, as batches need it.
    """
    config = JudgeConfig(
        temperature=temperature, order=order, answer_tokens=answer_tokens, at_once=at_once
    )
    path = Path(judge_inputs)
    return Task(
        dataset=MemoryDataset([_sample(one) for one in read_judge_inputs(path)], name=path.stem),
        solver=as_it_is(),
        scorer=[
            questionnaire_scorer(questionnaire_named(name), config) for name in sheets.split(",")
        ],
        epochs=Epochs(samples, "mean"),
        # What one session meets, an endpoint that breaks off say, does not stop the others; the
        # log then counts as failed, so that `inspect eval-retry` goes on with it.
        fail_on_error=True,
        continue_on_fail=True,
    )


@solver
def as_it_is() -> Solver:
    """Return what is judged to the scorers; it needs no solving."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        return state

    return solve


def _sample(judge_input: JudgeInput) -> Sample:
    return Sample(
        id=judge_input.subject,
        input=[_message(line) for line in judge_input.lines] or judge_input.form,
        metadata={MATERIAL: judge_input.model_dump(mode="json")},
    )


def _message(line: DialogueLine) -> ChatMessage:
    if line.speaker is Speaker.COUNSELOR:
        return ChatMessageAssistant(content=line.text)
    return ChatMessageUser(content=line.text)


def questionnaire_scorer(sheet: Questionnaire, config: JudgeConfig) -> Scorer:
    """Make the scorer of a sheet. A missing score is NaN, which Inspect leaves out of means."""

    @scorer(metrics={"*": [mean()]}, name=sheet.name)
    def judged() -> Scorer:
        async def score(state: TaskState, target: Target) -> Score:
            judge_input = JudgeInput.model_validate(state.metadata[MATERIAL])
            scores = await _fill_in(sheet, judge_input, state.epoch, config)
            values = sample_values(sheet, judge_input, scores)
            return Score(
                value={name: nan if value is None else value for name, value in values.items()},
                explanation="\n\n".join(map(_explain, scores)) or "It is asked nothing here.",
                metadata={"scores": SCORES.dump_python(scores, mode="json")},
            )

        return score

    return judged()


async def _fill_in(
    sheet: Questionnaire, judge_input: JudgeInput, sample: int, config: JudgeConfig
) -> tuple[ItemScore, ...]:
    model = get_model()
    judge = judge_of(model)
    asked = questions(sheet, judge_input)
    # The first computes what the calls share; the others find it in the server's prefix cache.
    alone = 0 if config.at_once else 1
    answers = [await ask(one, model, judge, sample, config) for one in asked[:alone]]
    answers += await collect(*(ask(one, model, judge, sample, config) for one in asked[alone:]))
    return tuple(score for answer in answers for score in answer)


def _explain(score: ItemScore) -> str:
    value = "missing" if score.value is None else f"{score.value:g}"
    proofs = "".join(f'\n[{p.utterance + 1}] "{p.quote}" {p.reason}' for p in score.evidence)
    return f"{score.item}: {value}. {score.reason}{proofs}"


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
        config: how it is asked.
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
