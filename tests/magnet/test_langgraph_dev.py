"""`langgraph dev` serves the graph that `langgraph.json` names."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
_PATIENCE = 120

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    port = free_port()
    program = Path(sys.executable).with_name("langgraph")
    options = ("--no-browser", "--no-reload", "--port", str(port))
    process = subprocess.Popen(
        [program, "dev", *options],
        cwd=ROOT,
        env={**os.environ, "MAGNET_MODEL": "fake", "LANGSMITH_TRACING": "false"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(_PATIENCE):
            time.sleep(1)
            try:
                if httpx.get(f"{url}/ok").status_code == 200:
                    break
            except httpx.HTTPError:
                assert process.poll() is None, "langgraph dev has ended"
        yield url
    finally:
        process.terminate()
        process.wait(30)


def test_it_plays_a_session(address: str) -> None:
    with httpx.Client(base_url=address, timeout=_PATIENCE) as client:
        thread = client.post("/threads", json={}).json()["thread_id"]
        request = {"turns": 2, "attitude": "negative", "seed": 1}
        values = client.post(
            f"/threads/{thread}/runs/wait", json={"assistant_id": "magnet", "input": request}
        ).json()
    assert [u["speaker"] for u in values["utterances"]] == ["counselor", "client"] * 2
    assert values["client"]["attitude"] == "negative"
    assert len(values["candidates"]) == 5
