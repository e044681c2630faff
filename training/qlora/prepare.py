"""All that comes before the model: data, base, tokens and labels, and whether it can work here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from magnet.training.bases import read_config
from magnet.training.qlora.base import load_tokenizer
from magnet.training.qlora.conversations import HELD_OUT, TRAIN, Conversation, read_conversations
from magnet.training.qlora.errors import TemplateError
from magnet.training.qlora.job import QloraJob
from magnet.training.qlora.labels import Labelled, label
from magnet.training.qlora.plan import TrainingPlan, make_plan
from magnet.training.qlora.shapes import Shapes, read_shapes


@dataclass(frozen=True, slots=True)
class Prepared:
    """A job that can be trained here, with all that is read before the model."""

    tokenizer: Any
    shapes: Shapes
    plan: TrainingPlan
    train: Sequence[Labelled]
    held_out: Sequence[Labelled]
    conversations: Sequence[Conversation]
    """The held-out ones."""


def prepare(job: QloraJob) -> Prepared:
    """Read and check all that comes before the model is loaded.

    Raises:
        QloraError: if the job cannot be trained here.
        BaseModelError: if the base cannot be read.
        TrainingDataError: if the data cannot be read.
    """
    conversations = {name: read_conversations(job.data / name) for name in (TRAIN, HELD_OUT)}
    shapes = read_shapes(read_config(job.base), job.settings.targets)
    tokenizer = load_tokenizer(job.base)
    labelled = {
        name: _label(some, tokenizer, f"{job.data / name}") for name, some in conversations.items()
    }
    return Prepared(
        tokenizer,
        shapes,
        make_plan(job, shapes, [*labelled[TRAIN], *labelled[HELD_OUT]]),
        labelled[TRAIN],
        labelled[HELD_OUT],
        conversations[HELD_OUT],
    )


def _label(conversations: Sequence[Conversation], tokenizer: Any, file: str) -> Sequence[Labelled]:
    labelled: list[Labelled] = []
    for number, conversation in enumerate(conversations, start=1):
        try:
            labelled.append(label(conversation, tokenizer))
        except TemplateError as error:
            raise TemplateError(f"{file}, line {number}: {error}") from error
    return labelled
