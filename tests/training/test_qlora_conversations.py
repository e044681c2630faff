"""Reading training data: what is learned of a session and of an utterance, and broken files."""

from pathlib import Path

import pytest

from magnet.training.data.errors import TrainingDataError
from magnet.training.qlora.conversations import read_conversations
from tests.training.counselor_data import session, write_data

USER = {"role": "user", "content": "Hello."}
SAID = {"role": "assistant", "content": "Good morning."}


def read(folder: Path, *lines: object) -> object:
    return read_conversations(write_data(folder, lines, []) / "train.jsonl")


def test_all_that_a_counselor_says_is_learned_but_the_given_greeting(tmp_path: Path) -> None:
    (one,) = read_conversations(write_data(tmp_path, [session(0)], []) / "train.jsonl")
    roles = [message["role"] for message in one.messages]
    assert roles[2] == "assistant"
    assert one.learned == tuple(i for i, role in enumerate(roles) if role == "assistant" and i > 2)


def test_of_an_utterance_the_completion_alone_is_learned(tmp_path: Path) -> None:
    line = {"session": "s", "prompt": [USER, SAID, USER], "completion": [SAID]}
    (one,) = read_conversations(write_data(tmp_path, [line], []) / "train.jsonl")
    assert one.learned == (3,)
    assert one.messages[3] == SAID


def test_a_text_may_hold_any_letter(tmp_path: Path) -> None:
    odd = {**SAID, "content": "One\u2028two\x85three\nfour"}
    path = tmp_path / "train.jsonl"
    line = '{"messages": [{"role": "assistant", "content": "One\u2028two\x85three\\nfour"}]}'
    path.write_text(line, encoding="utf-8")
    (one,) = read_conversations(path)
    assert one.messages == (odd,)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ({"messages": [USER]}, "assistant"),
        ({"messages": [{**SAID, "train": False}]}, "assistant"),
        ({"messages": [{"role": "counselor", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{**SAID, "weight": 1}]}, "messages.0.weight"),
        ({"prompt": [USER], "completion": [USER]}, "assistant"),
        ([], "the line"),
    ],
)
def test_what_cannot_be_learned_from_is_named_by_file_and_line(
    tmp_path: Path, line: object, problem: str
) -> None:
    with pytest.raises(TrainingDataError, match=problem) as raised:
        read(tmp_path, session(0), line)
    assert "train.jsonl, line 2" in str(raised.value)


def test_an_empty_or_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match=r"train\.jsonl.*found none"):
        read(tmp_path)
    with pytest.raises(TrainingDataError, match="magnet train data"):
        read_conversations(tmp_path / "nowhere" / "train.jsonl")
