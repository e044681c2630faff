"""The Inspect task: judges fill in sheets about sessions, forms or calibration dialogues."""

from pathlib import Path

from inspect_ai import Epochs, Task, task
from inspect_ai.dataset import MemoryDataset, Sample
from inspect_ai.model import ChatMessage, ChatMessageAssistant, ChatMessageUser
from inspect_ai.solver import Generate, Solver, TaskState, solver

from magnet.evals.judging.config import ANSWER_TOKENS, Manner
from magnet.evals.judging.judge_inputs import read_materials
from magnet.evals.judging.scorers import MATERIAL, sheet_scorer
from magnet.evals.scales.files import sheet_named
from magnet.evals.scales.judge_input import Line, Material
from magnet.evals.scales.prompts import Order
from magnet.state.utterance import Speaker


@task
def judging(
    materials: str,
    sheets: str,
    samples: int = 3,
    temperature: float | None = 0.0,
    order: Order = "up",
    answer_tokens: int = ANSWER_TOKENS,
    at_once: bool = False,
) -> Task:
    """Make the task. Its arguments stand in its log, so that Inspect can make it again.

    Args:
        materials: the file that `write_materials` wrote.
        sheets: names, with commas.
        samples: how often each question is asked.
        temperature: the judge's; none leaves it to the endpoint.
        order: in which the points of a scale are listed.
        answer_tokens: that an answer may take, where its sheet does not allow more.
        at_once: ask all about a session at once, as batches need it.
    """
    manner = Manner(
        temperature=temperature, order=order, answer_tokens=answer_tokens, at_once=at_once
    )
    path = Path(materials)
    return Task(
        dataset=MemoryDataset([_sample(one) for one in read_materials(path)], name=path.stem),
        solver=as_it_is(),
        scorer=[sheet_scorer(sheet_named(name), manner) for name in sheets.split(",")],
        epochs=Epochs(samples, "mean"),
        # What one session meets, an endpoint that breaks off say, does not stop the others; the
        # log then counts as failed, so that `inspect eval-retry` goes on with it.
        fail_on_error=True,
        continue_on_fail=True,
    )


@solver
def as_it_is() -> Solver:
    """Give what is judged to the scorers; it needs no solving."""

    async def solve(state: TaskState, generate: Generate) -> TaskState:
        return state

    return solve


def _sample(material: Material) -> Sample:
    return Sample(
        id=material.subject,
        input=[_message(line) for line in material.lines] or material.form,
        metadata={MATERIAL: material.model_dump(mode="json")},
    )


def _message(line: Line) -> ChatMessage:
    if line.speaker is Speaker.COUNSELOR:
        return ChatMessageAssistant(content=line.text)
    return ChatMessageUser(content=line.text)
