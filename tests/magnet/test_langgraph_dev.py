"""`langgraph dev` serves the graph that `langgraph.json` names."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

ROOT = Path(__file__).parents[2]
_PATIENCE = 120
REQUEST = {"turns": 2, "attitude": "negative", "seed": 1}

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


@pytest.fixture
async def client(address: str) -> AsyncIterator[LangGraphClient]:
    async with get_client(url=address) as client:
        yield client


async def play(client: LangGraphClient) -> tuple[str, dict[str, Any]]:
    """Play one exchange on a new thread; give the thread's id and the values it ends with."""
    thread = (await client.threads.create())["thread_id"]
    values = await client.runs.wait(thread, "magnet", input=REQUEST)
    return thread, cast(dict[str, Any], values)


async def test_it_plays_a_session(client: LangGraphClient) -> None:
    thread, values = await play(client)
    assert [u["speaker"] for u in values["utterances"]] == ["counselor", "client"] * 2
    assert values["client"]["attitude"] == "negative"
    assert len(values["candidates"]) == 5
    [run] = await client.runs.list(thread)
    assert run["status"] == "success"


async def test_it_tells_a_threads_state(client: LangGraphClient) -> None:
    thread, values = await play(client)
    state = await client.threads.get_state(thread)
    assert state["values"] == {**values, **REQUEST}
    assert state["next"] == []


async def test_it_tells_a_threads_history(client: LangGraphClient) -> None:
    thread, values = await play(client)
    history = await client.threads.get_history(thread)
    steps = [sorted(state["next"]) for state in history]
    drafts = sorted([*(c["technique"] for c in values["candidates"]), "selector"])
    assert steps == [[], ["client"], ["fusion"], drafts, ["planner"], ["begin"], ["__start__"]]
    said = [len(cast(dict[str, Any], state["values"]).get("utterances", [])) for state in history]
    assert said == [4, 3, 2, 2, 2, 0, 0]


async def test_an_edit_of_the_past_is_played_on(client: LangGraphClient) -> None:
    thread, values = await play(client)
    history = await client.threads.get_history(thread)
    [before_client] = [state for state in history if state["next"] == ["client"]]
    said = {**values["utterances"][2], "text": "What would you like to talk about?"}
    edited = await client.threads.update_state(
        thread,
        {"utterances": [said]},
        as_node="fusion",
        checkpoint=before_client["checkpoint"],
    )
    ended = cast(
        dict[str, Any],
        await client.runs.wait(thread, "magnet", checkpoint=edited["checkpoint"]),
    )
    assert [u["text"] for u in ended["utterances"]][2] == said["text"]
    assert len(ended["utterances"]) == 4
    assert ended["end"] == "turn-limit"
    assert (await client.threads.get_state(thread))["values"] == {**ended, **REQUEST}
