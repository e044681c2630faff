"""An endpoint that will not answer ends a run in bounded time, and nothing is lost."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from magnet.models.fake.reply import Reply
from magnet.models.pacing import MOST_BYTES
from magnet.sessions.example_forms import example_folder
from tests.magnet.commands import Magnet
from tests.magnet.endpoint import Answer, as_usual, endpoint, refusing

REFUSALS = {
    "quota": (429, "You exceeded your current quota. insufficient_quota"),
    "no money": (402, "Insufficient balance"),
    "key": (401, "Incorrect API key provided"),
    "country": (403, "Country, region, or territory not supported"),
}


@pytest.mark.parametrize(("status", "message"), REFUSALS.values(), ids=REFUSALS.keys())
def test_what_no_waiting_helps_stops_the_run_at_once(
    magnet: Magnet, tmp_path: Path, status: int, message: str
):
    answered = 0

    def answer(reply: Reply) -> Answer:
        nonlocal answered
        answered += 1
        return as_usual(reply) if answered <= 3 else refusing(status, message)

    with endpoint(answer) as served:
        served.declare(tmp_path, retries=4)
        run = ("generate", example_folder(), "--run", "r", "--turns", 2, "--limit", 6)
        run = (*run, "--methods", "psych8k", "--model", "ours:m")
        stopped = magnet(*run)
        assert stopped.code == 1
        assert message in stopped.said
        assert len(served.requests) <= 3 + 2 * 6
        served.answer = as_usual
        assert magnet(*run).code == 0
    assert {one["status"] for one in magnet("list", "--json").json} == {"finished"}


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
ONE = ("--model", "ours:m", "--turns", 2, "--method", "psych8k", "--session", "s")


def test_an_answer_that_trickles_has_an_end(magnet: Magnet, tmp_path: Path):
    with endpoint() as served:
        served.raw, served.every = [HEAD, *([b"1\r\n \r\n"] * 200)], 0.1
        served.declare(tmp_path, patience=1.0)
        started = time.monotonic()
        silent = magnet("run", *ONE)
    assert time.monotonic() - started < 15
    assert silent.code == 1
    assert "has not answered a call in 1 seconds" in silent.said
    assert magnet("list", "--json").json[0]["status"] == "failed"


def test_an_answer_without_end_is_broken_off(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    waits = asyncio.sleep
    monkeypatch.setattr(asyncio, "sleep", lambda _, result=None: waits(0, result))
    piece = b"100000\r\n" + b" " * 2**20 + b"\r\n"
    with endpoint() as served:
        served.raw = [HEAD, *([piece] * (MOST_BYTES // 2**20 + 8))]
        served.declare(tmp_path)
        endless = magnet("run", *ONE)
    assert endless.code == 1
    assert "does not answer" in endless.said


FILTERS = {
    "403": (403, 'model requires moderation. Your input was flagged for "self-harm"'),
    "400": (400, "The response was filtered due to our content management policy"),
}


@pytest.mark.parametrize(("status", "message"), FILTERS.values(), ids=FILTERS.keys())
def test_a_prompt_that_a_filter_refuses_ends_its_session_alone(
    magnet: Magnet, tmp_path: Path, status: int, message: str
):
    with endpoint() as served:
        refused = list[str]()

        def refuse(body: dict[str, Any]) -> Answer | None:
            # The first prompt is refused as often as it comes; no other is.
            prompt = json.dumps(body["messages"])
            refused[:] = refused or [prompt]
            return refusing(status, message) if prompt == refused[0] else None

        served.refuse = refuse
        served.declare(tmp_path)
        run = ("generate", example_folder(), "--run", "r", "--turns", 2, "--limit", 3)
        done = magnet(*run, "--methods", "psych8k", "--model", "ours:m")
        assert done.code == 1
        assert message in done.said
        assert all(body["messages"][0]["role"] == "system" for body in served.requests)
    statuses = [one["status"] for one in magnet("list", "--json").json]
    assert sorted(statuses) == ["failed", "finished", "finished"]


@pytest.mark.parametrize(
    ("path", "status", "body", "told"),
    [
        ("", 404, b'{"detail": "Not Found"}', "Did you mean base_url = http://127.0.0.1:"),
        ("/v1", 404, b"The model `m` does not exist", "The model `m` does not exist"),
        ("/v1", 422, b"temperature must be a string", "temperature must be a string"),
        ("/v1", 418, b'{"error": {"message": "I am a teapot"}}', "I am a teapot"),
    ],
)
def test_a_refusal_is_told_in_the_words_of_the_endpoint(
    magnet: Magnet, tmp_path: Path, path: str, status: int, body: bytes, told: str
):
    with endpoint(lambda _: (status, body)) as served:
        served.declare(tmp_path, base_url=served.url.removesuffix("/v1") + path)
        refused = magnet("run", *ONE)
    assert refused.code == 1
    assert told in refused.said
