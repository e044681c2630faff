"""Sessions on a real vLLM server, with a tiny Llama of random weights: `make test-vllm`."""

import os
import signal
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from socket import create_server
from typing import Any

import httpx
import pytest
from langchain_core.exceptions import ContextOverflowError
from pydantic import SecretStr

from magnet.models.chat import EndpointChat
from magnet.state import CbtPlan
from magnet.state.technique import packaged_techniques
from tests.magnet.commands import Outcome, call, played
from tests.magnet.endpoint import Endpoint

PYTHON = os.environ.get("TEST_VLLM")
pytestmark = [
    pytest.mark.skipif(PYTHON is None, reason="TEST_VLLM names no Python that has vLLM"),
    pytest.mark.slow,
    pytest.mark.timeout(900),
]

ROOT = Path(__file__).parents[2]
MODEL = "ours:tiny"
CONTEXT = 2048
_PATIENCE = 600
# Random weights write random words, up to every bound of the schema.
_PLAN_TOKENS = 1200


def make_model(folder: Path) -> None:
    """Write a model whose tokenizer knows the words of our prompts."""
    texts = [*ROOT.glob("prompts/texts/*.yaml"), *ROOT.glob("examples/intake/*.yaml")]
    script = ROOT / "tests" / "vllm" / "tiny_llama.py"
    subprocess.run([str(PYTHON), script, folder, *sorted(texts)], check=True)


@contextmanager
def vllm(model: Path, log: Path) -> Generator[str]:
    """Serve a model as a user would; gives the address to call it at."""
    with create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = {
        "--model": model,
        "--served-model-name": "tiny",
        "--host": "127.0.0.1",
        "--port": port,
        "--max-model-len": CONTEXT,
        # The more bits, the less it matters which calls happen to be computed together.
        "--dtype": "float32",
    }
    command = [str(PYTHON), "-m", "vllm.entrypoints.openai.api_server"]
    command += [str(part) for option in options.items() for part in option]
    command += ["--enable-prefix-caching", "--enable-prompt-tokens-details", "--enforce-eager"]
    quiet = {"VLLM_NO_USAGE_STATS": "1", "HF_HUB_OFFLINE": "1", "VLLM_CPU_KVCACHE_SPACE": "1"}
    with log.open("wb") as written:
        server = subprocess.Popen(
            command,
            env={**os.environ, **quiet},
            stdout=written,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/health", server, log)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        # The engine and its workers are processes of the server's session.
        os.killpg(server.pid, signal.SIGTERM)
        try:
            server.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(server.pid, signal.SIGKILL)
            server.wait()


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while server.poll() is None and time.monotonic() < deadline:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.5)
    pytest.fail(f"vLLM does not serve; its log ends with\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    folder = tmp_path_factory.mktemp("vllm")
    make_model(folder / "model")
    with vllm(folder / "model", folder / "server.log") as address:
        yield address


@pytest.fixture
def user(url: str, tmp_path: Path) -> Path:
    """A user's folder whose `magnet.toml` names the server."""
    Endpoint(url=url).declare(tmp_path)
    with (tmp_path / "magnet.toml").open("a") as file:
        file.write(f"[sampling.planner]\nmax_tokens = {_PLAN_TOKENS}\n")
    return tmp_path


def run(user: Path, session: str, *options: object) -> Outcome:
    outcome = call(user, "run", "--model", MODEL, "--session", session, *options)
    assert outcome.code == 0, outcome.said
    return outcome


def show(user: Path, session: str) -> dict[str, Any]:
    return call(user, "show", session, "--json").json


def spoken(shown: dict[str, Any]) -> list[dict[str, Any]]:
    """The generated utterances, without the opening pair."""
    return shown["utterances"][2:]


def flags(shown: dict[str, Any]) -> set[str]:
    made = [shown["plan"], *(e["selection"] for e in shown["exchanges"]), *spoken(shown)]
    return {flag for one in made if one for flag in one["making"]["flags"]}


def test_doctor_finds_the_model(user: Path) -> None:
    outcome = call(user, "doctor", "--model", MODEL)
    assert outcome.code == 0, outcome.said
    assert "/v1 answers" in outcome.said
    absent = call(user, "doctor", "--model", "ours:absent")
    assert absent.code == 1
    assert "answers, without this model" in absent.said


@pytest.mark.parametrize("method", ["magnet", "cactus"])
def test_a_session_is_played_to_its_end(user: Path, method: str) -> None:
    run(user, "s", "--method", method, "--turns", 4)
    shown = show(user, "s")
    assert (shown["status"], shown["end_reason"]) == ("finished", "turn-limit")
    assert len(spoken(shown)) == 4
    assert all(utterance["text"] for utterance in spoken(shown))
    assert CbtPlan.model_validate(shown["plan"]["plan"])
    assert "unreadable" not in flags(shown)
    for utterance in spoken(shown):
        usage = utterance["making"]["usage"]
        assert usage["prompt"] > 0
        assert usage["completion"] > 0


def test_choices_keep_to_the_schema(user: Path) -> None:
    run(user, "s", "--turns", 6, "--seed", 1)
    for exchange in show(user, "s")["exchanges"]:
        chosen = exchange["selection"]
        assert 1 <= len(chosen["techniques"]) <= 3
        assert set(chosen["techniques"]) <= set(packaged_techniques())
        assert chosen["reason"]
        assert chosen["making"]["rejected"] == []


def test_specialists_share_the_cached_dialogue(user: Path) -> None:
    run(user, "s", "--turns", 4, "--seed", 2)
    later = show(user, "s")["exchanges"][1]
    usages = [candidate["making"]["usage"] for candidate in later["candidates"]]
    assert len(usages) == len(packaged_techniques())
    # vLLM keeps whole blocks alone, so that a part of what is shared is computed again.
    assert all(0 < usage["cached"] < usage["prompt"] for usage in usages)
    assert sum(usage["cached"] for usage in usages) > sum(usage["prompt"] for usage in usages) / 2


def test_a_seed_gives_the_same_session_again(user: Path) -> None:
    for session, seed in (("a", 3), ("b", 3), ("c", 4)):
        run(user, session, "--turns", 4, "--seed", seed)
    first, again, other = (played(show(user, session)) for session in "abc")
    assert again == first
    assert other["utterances"] != first["utterances"]


def test_a_dialogue_that_does_not_fit_is_shortened(user: Path) -> None:
    run(user, "s", "--method", "cactus", "--turns", 24)
    shown = show(user, "s")
    assert len(spoken(shown)) == 24
    assert "history-shortened" in flags(shown)
    # Before the context is full nothing is left out.
    assert all(not utterance["making"]["flags"] for utterance in spoken(shown)[:2])


async def test_every_prompt_that_does_not_fit_is_an_overflow(url: str) -> None:
    chat = EndpointChat(
        model="tiny",
        base_url=url,
        api_key=SecretStr("none"),
        max_retries=0,
        use_responses_api=False,
        extra_body={"max_tokens": 8},
    )
    answer = await chat.ainvoke("the")
    assert answer.usage_metadata
    room = CONTEXT - answer.usage_metadata["input_tokens"] + 1
    # No room for an answer, one token too many, and more than is worth counting.
    for words in (room, room + 1, 20 * CONTEXT):
        with pytest.raises(ContextOverflowError):
            await chat.ainvoke(" ".join(["the"] * words))
