"""An endpoint that counts tokens oddly neither ends a session nor spoils the database."""

import json
import sqlite3
from pathlib import Path

import pytest

from magnet.models.fake.reply import Reply
from tests.magnet.commands import Magnet
from tests.magnet.endpoint import Answer, as_usual, endpoint


def counting(usage: object, times: int = 10**9):
    """Answer with this usage, so many times, and as usual afterwards."""
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
