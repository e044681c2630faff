"""The training data as conversations, in which it is marked what the model learns to say."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from magnet.state.errors import Command, Option
from magnet.training.data.errors import TrainingDataError

TRAIN, HELD_OUT = "train.jsonl", "valid.jsonl"


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Literal["system", "user", "assistant"]
    content: str
    train: bool = True


class _Line(BaseModel):
    # A session is `messages`; an utterance is `prompt` and `completion`. Other fields say where it
    # comes from.
    messages: tuple[_Message, ...] = ()
    prompt: tuple[_Message, ...] = ()
    completion: tuple[_Message, ...] = ()


@dataclass(frozen=True, slots=True)
class Conversation:
    """An example.

    Args:
        messages: role and content, as chat templates take them.
        learned: indices of the messages that the model learns to say, in order; at least one.
    """

    messages: tuple[dict[str, str], ...]
    learned: tuple[int, ...]


def read_conversations(path: Path) -> Sequence[Conversation]:
    """Read a file of examples as `magnet train data` writes it: a JSON object a line.

    Of a session all that the assistant says is learned, but what is marked with `"train": false`;
    of an utterance the completion.

    Raises:
        TrainingDataError: naming the file, the line and what was expected.
    """
    lines = read_file(path).splitlines()
    if not lines:
        raise TrainingDataError(
            f"{path}: expected examples, found none. Give '{{data}}' more sessions",
            data=Command(("train", "data")),
        )
    return [_read(line, f"{path}, line {number}") for number, line in enumerate(lines, start=1)]


def read_file(path: Path) -> bytes:
    """Read a file of training data.

    Raises:
        TrainingDataError: if it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise TrainingDataError(
            f"{path}: {error.strerror}. Make it: {{data}}",
            data=Command(("train", "data", "RUN"), (Option("out", str(path.parent)),)),
        ) from error


def _read(text: bytes, place: str) -> Conversation:
    try:
        line = _Line.model_validate_json(text)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(map(str, problem["loc"])) or "the line"
        raise _broken(place, f"{field}: {problem['msg']}") from error
    messages = line.messages or (*line.prompt, *line.completion)
    start = 0 if line.messages else len(line.prompt)
    learned = tuple(
        i for i, m in enumerate(messages) if i >= start and m.role == "assistant" and m.train
    )
    if not learned:
        raise _broken(place, "expected a message of the assistant to learn, found none")
    return Conversation(tuple({"role": m.role, "content": m.content} for m in messages), learned)


def _broken(place: str, problem: str) -> TrainingDataError:
    return TrainingDataError(
        f"{place}: {problem}. Write the data again with '{{data}}'",
        data=Command(("train", "data")),
    )
