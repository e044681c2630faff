"""What endpoints have been seen to answer spoils no session and no database."""

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from magnet.models.fake.reply import Reply
from tests.magnet.commands import Magnet
from tests.magnet.endpoint import Answer, as_usual, endpoint


def counting(usage: object, times: int = 10**9):
    """Answer with this usage, so many times, and as usual afterward."""
    answered = 0

    def answer(reply: Reply) -> Answer:
        nonlocal answered
        answered += 1
        if answered > times:
            return as_usual(reply)
        return 200, json.dumps({**reply.completion(), "usage": usage}).encode()

    return answer


@pytest.mark.parametrize(
    "usage",
    [
        None,
        "many",
        {},
        {"prompt_tokens": -5, "completion_tokens": 3},
        {"prompt_tokens": "12", "completion_tokens": "3"},
        {"prompt_tokens": 1.5, "completion_tokens": 3},
        {"prompt_tokens": 10**30, "completion_tokens": 3},
        {"prompt_tokens": None, "completion_tokens": 3},
        {"prompt_tokens": [1], "completion_tokens": {}},
    ],
)
def test_tokens_that_nobody_can_count_are_unknown(magnet: Magnet, tmp_path: Path, usage: object):
    with endpoint(counting(usage)) as odd:
        odd.declare(tmp_path)
        played = magnet("run", "--model", "ours:m", "--turns", 2, "--session", "s")
        assert played.code == 0, played.said
    assert "unknown" in magnet("list").out
    assert magnet("list", "--json").json[0]["usage"] == {"prompt": 0, "cached": 0, "completion": 0}
    assert magnet("show", "s", "--candidates").code == 0


def test_tokens_of_which_some_are_known_are_so_many_or_more(magnet: Magnet, tmp_path: Path):
    with endpoint(counting(None, times=1)) as odd:
        odd.declare(tmp_path)
        assert magnet("run", "--model", "ours:m", "--turns", 2, "--session", "s").code == 0
    shown = magnet("list", "--json").json[0]
    assert shown["calls_without_usage"] == 1
    assert f"{shown['usage']['prompt']:,}+ /" in magnet("list").out


@pytest.mark.parametrize("stored", [-7, "many", 1.5, 2**62])
def test_counts_that_were_stored_unchecked_are_read(magnet: Magnet, tmp_path: Path, stored: object):
    assert magnet("run", "--model", "fake", "--turns", 4, "--session", "s").code == 0
    magnet("run", "--model", "fake", "--turns", 4, "--session", "t", "--stop-at", "fusion")
    with sqlite3.connect(tmp_path / "sessions.db") as database:
        database.execute("UPDATE calls SET prompt_tokens = ?, cached_tokens = ?", [stored, stored])
    assert magnet("list").code == 0
    assert magnet("show", "s").code == 0
    assert magnet("resume", "t", "--model", "fake").code == 0


def wrapped(before: str, after: str = ""):
    """Answer as usual, with something around the text."""

    def answer(reply: Reply) -> Answer:
        return as_usual(replace(reply, text=f"{before}{reply.text}{after}"))

    return answer


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<think>\nreflection or {solutions}? normalizing!\n</think>\n\n", ""),
        ("The template opened the tag: questioning.</think>", ""),
    ],
)
def test_thinking_changes_nothing_of_a_session(
    magnet: Magnet, tmp_path: Path, before: str, after: str
):
    for name, answer in (("plain", as_usual), ("thinking", wrapped(before, after))):
        with endpoint(answer) as served:
            served.declare(tmp_path, name)
            run = magnet("run", "--model", f"{name}:m", "--turns", 6, "--session", name)
            assert run.code == 0, run.said
    plain, thinking = [magnet("show", name, "--json").json for name in ("plain", "thinking")]
    for part in ("plan", "utterances", "exchanges"):
        assert without_tokens(plain[part]) == without_tokens(thinking[part])


def without_tokens(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: without_tokens(v) for k, v in value.items() if k not in ("usage", "seconds")}
    return [without_tokens(one) for one in value] if isinstance(value, list) else value


def silent(message: dict[str, Any], reason: str = "stop"):
    """Answer nothing, in one of the ways of endpoints."""
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": reason}
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
    return lambda _: (200, json.dumps(body).encode())


@pytest.mark.parametrize(
    ("message", "reason", "told"),
    [
        ({"content": None, "reasoning_content": "Hm."}, "length", "inside its thinking"),
        ({"content": None, "reasoning": "Hm."}, "stop", "thought and did not answer"),
        ({"content": "<think>Hm, shall"}, "length", "inside its thinking"),
        ({"content": None, "refusal": "I can't help."}, "stop", "refused (I can't help.)"),
        ({"content": None}, "content_filter", "filter withheld"),
        ({"content": None}, "length", "no room for an answer"),
        ({"content": ""}, "stop", "answers are empty"),
    ],
)
def test_a_model_that_says_nothing_fails_the_session_until_it_speaks(
    magnet: Magnet, tmp_path: Path, message: dict[str, Any], reason: str, told: str
):
    with endpoint(silent(message, reason)) as served:
        served.declare(tmp_path)
        failed = magnet("run", "--model", "ours:m", "--turns", 2, "--session", "s")
        assert failed.code == 1
        assert told in failed.said
        assert magnet("list", "--json").json[0]["status"] == "failed"
        served.answer = as_usual
        assert magnet("resume", "s").code == 0
    assert all(said["text"] for said in magnet("show", "s", "--json").json["utterances"])
