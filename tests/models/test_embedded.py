"""The embedded model: a real small one, and the sharing of prompts over a made-up server."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from magnet.models.download import ensure_model
from magnet.models.embedded import (
    EmbeddedServer,
    ensure_running,
    usable_cores,
)
from magnet.models.errors import ModelStartError
from magnet.models.settings import Embedded
from magnet.models.shared_prefix import SharedPrefix
from magnet.models.slots import slots_for
from magnet.state.technique import packaged_techniques

SMALL = "smollm2-135m"
DIALOGUE = [
    {"role": "system", "content": "You answer as a counselor. " + "Be warm and brief. " * 30},
    {"role": "user", "content": "I cannot sleep."},
    {"role": "assistant", "content": "Since when?"},
]

SLOTS = slots_for()


def ask(instruction: str, slot: int) -> dict[str, Any]:
    last = {"role": "user", "content": f"Since May. {instruction}"}
    return {"messages": [*DIALOGUE, last], "id_slot": slot, "max_tokens": 4, "seed": 1}


def test_each_specialist_keeps_a_slot_of_its_own() -> None:
    specialists = [SLOTS.slot_of(technique) for technique in packaged_techniques()]
    assert sorted(specialists) == list(*SLOTS.sharing_slots(1))
    others = {slot for agent, slot in SLOTS.of.items() if agent not in set(packaged_techniques())}
    assert not others & set(specialists)
    assert sorted(set(SLOTS.of.values())) == list(range(SLOTS.count))


def test_sessions_that_are_played_at_once_share_no_slot() -> None:
    lanes = [{SLOTS.slot_of(agent, lane) for agent in SLOTS.of} for lane in range(3)]
    assert set.union(*lanes) == set(range(3 * SLOTS.count))
    assert all(
        set(shared) < lane for shared, lane in zip(SLOTS.sharing_slots(3), lanes, strict=True)
    )
    assert SLOTS.slot_of("judge", 2) is None


def test_cores_are_at_least_one_and_at_most_all() -> None:
    assert 1 <= usable_cores() <= (os.cpu_count() or 1)


class MadeUpServer:
    """Notes what is asked, in order; `broken` targets answer with an error."""

    def __init__(self, broken: str = "") -> None:
        self.asked: list[tuple[str, int]] = []
        self.files: dict[int, str] = {}
        self._broken = broken

    async def answer(self, request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        kind = request.url.params.get("action") or (
            "prompt" if body.get("max_tokens") == 1 else "call"
        )
        slot = body.get("id_slot", request.url.path.rpartition("/")[2])
        await asyncio.sleep(0.01)
        self.asked.append((kind, int(slot)))
        if "filename" in body:
            self.files[int(slot)] = body["filename"]
        return httpx.Response(500 if kind == self._broken else 200, json={})

    def client(self) -> httpx.AsyncClient:
        transport = SharedPrefix(httpx.MockTransport(self.answer), SLOTS.sharing_slots(2))
        return httpx.AsyncClient(transport=transport, base_url="http://made.up/v1")

    def slots_of(self, kind: str) -> list[int]:
        return sorted(slot for asked, slot in self.asked if asked == kind)


async def test_specialists_compute_their_conversation_once() -> None:
    server = MadeUpServer()
    async with server.client() as client:
        for _ in range(2):
            calls = [client.post("/chat/completions", json=ask(f"As {i}.", i)) for i in range(7)]
            await asyncio.gather(*calls)
    assert server.slots_of("prompt") == [0]
    assert server.slots_of("save") == [0]
    assert server.slots_of("restore") == [1, 2, 3, 4]
    assert server.slots_of("call") == sorted([*range(7)] * 2)
    assert server.asked.index(("save", 0)) < server.asked.index(("restore", 1))


async def test_two_sessions_at_once_each_share_their_own() -> None:
    server = MadeUpServer()
    asks = [ask(f"As {agent}.", lane * SLOTS.count + agent) for lane in (0, 1) for agent in (0, 1)]
    for body in asks[2:]:
        body["messages"] = [*DIALOGUE[:1], {"role": "user", "content": "Hi."}, *body["messages"]]
    async with server.client() as client:
        for _ in range(2):
            await asyncio.gather(*(client.post("/chat/completions", json=body) for body in asks))
    assert server.slots_of("prompt") == [0, SLOTS.count]
    assert server.slots_of("restore") == [1, SLOTS.count + 1]
    first, second = server.files[0], server.files[SLOTS.count]
    assert first != second
    assert server.files == {0: first, 1: first, SLOTS.count: second, SLOTS.count + 1: second}


async def test_a_new_conversation_is_computed_anew() -> None:
    server = MadeUpServer()
    later = ask("As 1.", 1)
    later["messages"] = [*DIALOGUE, {"role": "user", "content": "Since May."}, *later["messages"]]
    async with server.client() as client:
        await client.post("/chat/completions", json=ask("As 0.", 0))
        await client.post("/chat/completions", json=later)
    assert server.slots_of("prompt") == [0, 1]
    assert server.slots_of("restore") == []


@pytest.mark.parametrize("broken", ["prompt", "save", "restore"])
async def test_a_failure_to_share_fails_no_call(broken: str) -> None:
    server = MadeUpServer(broken)
    async with server.client() as client:
        calls = [client.post("/chat/completions", json=ask(f"As {i}.", i)) for i in range(5)]
        answers = await asyncio.gather(*calls)
    assert [answer.status_code for answer in answers] == [200] * 5


async def test_a_cancelled_call_leaves_the_others_their_share() -> None:
    server = MadeUpServer()
    async with server.client() as client:
        first = asyncio.create_task(client.post("/chat/completions", json=ask("As 0.", 0)))
        await asyncio.sleep(0)
        second = asyncio.create_task(client.post("/chat/completions", json=ask("As 1.", 1)))
        await asyncio.sleep(0.005)
        first.cancel()
        assert (await second).status_code == 200
    assert server.slots_of("restore") == [1]


@pytest.fixture(scope="module")
def small() -> Iterator[EmbeddedServer]:
    server = EmbeddedServer(ensure_model(SMALL), context=1024)
    yield server
    server.close()
    assert not server.is_running


@pytest.mark.slow
def test_a_small_model_answers_a_chat(small: EmbeddedServer) -> None:
    answer = httpx.post(f"{small.base_url}/chat/completions", json=ask("Hello?", 6), timeout=120)
    assert answer.json()["choices"][0]["message"]["content"]
    models = httpx.get(f"{small.base_url}/models").json()
    assert models["data"][0]["id"] == small.model_name


@pytest.mark.slow
async def test_a_real_server_computes_the_shared_part_once(small: EmbeddedServer) -> None:
    transport = SharedPrefix(httpx.AsyncHTTPTransport(), SLOTS.sharing_slots(1))
    async with httpx.AsyncClient(transport=transport, timeout=120) as client:
        calls = [
            client.post(f"{small.base_url}/chat/completions", json=ask(f"Answer as {name}.", slot))
            for slot, name in enumerate(("poet", "friend", "teacher"))
        ]
        answers = await asyncio.gather(*calls)
    timings = [answer.json()["timings"] for answer in answers]
    assert all(timing["cache_n"] > 100 for timing in timings)
    # The shared part is nobody's cache: the call that it was computed for accounts for it.
    usages = [answer.json()["usage"] for answer in answers]
    cached = sorted(usage["prompt_tokens_details"]["cached_tokens"] for usage in usages)
    assert cached[0] < 30
    assert all(count > 100 for count in cached[1:])
    assert all(timing["prompt_n"] < 30 for timing in timings)


@pytest.mark.slow
def test_a_server_of_a_process_answers_only_to_who_has_its_key() -> None:
    server = ensure_running(SMALL, Embedded(context=512, threads=1))
    root = server.base_url.removesuffix("/v1")
    assert root.startswith("http://127.0.0.1:")
    assert server.key
    try:
        for path in ("/v1/chat/completions", "/completion", "/slots/0?action=erase", "/tokenize"):
            for headers in ({}, {"Authorization": "Bearer guessed"}):
                refused = httpx.post(f"{root}{path}", json=ask("Hello?", 6), headers=headers)
                assert refused.status_code == 401, path
        command = Path(f"/proc/{server.pid}/cmdline")
        assert not command.exists() or server.key.encode() not in command.read_bytes()
        headers = {"Authorization": f"Bearer {server.key}"}
        transport = SharedPrefix(httpx.AsyncHTTPTransport(), SLOTS.sharing_slots(1))

        async def ask_both() -> list[httpx.Response]:
            client = httpx.AsyncClient(transport=transport, timeout=120, headers=headers)
            chat = f"{server.base_url}/chat/completions"
            async with client:
                return await asyncio.gather(
                    *(client.post(chat, json=ask(f"As {slot}.", slot)) for slot in range(2))
                )

        answers = [answer.json() for answer in asyncio.run(ask_both())]
        assert all(answer["timings"]["cache_n"] > 100 for answer in answers)
    finally:
        server.close()


def resident_bytes(pid: int) -> int:
    """Return the memory that a process has, of which `/proc` keeps the count in pages."""
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_does_not_grow_with_the_prompts_that_were_answered(small: EmbeddedServer) -> None:
    sizes: list[int] = []
    for topic in ("rain", "bread", "music", "sleep", "school", "winter"):
        # Half a thousand tokens, of 23 kB each: what was kept of them would be plain to see.
        told = [{"role": "user", "content": f"Tell me about {topic}. " * 100}]
        body = {"messages": told, "id_slot": 6, "max_tokens": 1}
        answer = httpx.post(f"{small.base_url}/chat/completions", json=body, timeout=120)
        assert answer.json()["usage"]["prompt_tokens"] > 400
        sizes.append(resident_bytes(small.pid))
    assert sizes[-1] - sizes[1] < 20_000_000


@pytest.mark.slow
def test_a_process_has_one_server_for_a_model() -> None:
    settings = Embedded(context=512, threads=1)
    first = ensure_running(SMALL, settings)
    try:
        assert ensure_running(SMALL, settings) is first
    finally:
        first.close()
    again = ensure_running(SMALL, settings)
    try:
        assert again is not first
        assert again.is_running
    finally:
        again.close()


@pytest.mark.slow
def test_a_server_with_room_for_more_sessions_serves_fewer() -> None:
    settings = Embedded(context=512, threads=1)
    one = ensure_running(SMALL, settings)
    two = ensure_running(SMALL, settings, slots=2 * SLOTS.count)
    try:
        assert two is not one
        assert two.slots == 2 * SLOTS.count
        assert ensure_running(SMALL, settings) is two
    finally:
        one.close()
        two.close()


@pytest.mark.slow
def test_a_broken_model_file_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "cut.gguf"
    with ensure_model(SMALL).open("rb") as file:
        path.write_bytes(file.read(3_000_000))
    with pytest.raises(ModelStartError, match=r"cut\.gguf.*incomplete"):
        EmbeddedServer(path)


BUSY = """
import os, signal, sys, threading, time
from pathlib import Path
import httpx
from magnet.models.embedded import EmbeddedServer

server = EmbeddedServer(Path(sys.argv[1]), context=512)
print(server.pid, flush=True)
body = {"messages": [{"role": "user", "content": "A story."}], "max_tokens": 400}
call = lambda: httpx.post(server.base_url + "/chat/completions", json=body, timeout=60)
threading.Thread(target=call, daemon=True).start()
time.sleep(1)
os.kill(os.getpid(), int(sys.argv[2])) if int(sys.argv[2]) else sys.exit(3)
time.sleep(60)
"""


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize(
    ("sent", "code"),
    [(0, 3), (signal.SIGINT, -signal.SIGINT), (signal.SIGKILL, -signal.SIGKILL)],
    ids=["exit", "interrupt", "kill"],
)
def test_however_the_process_ends_the_server_ends_with_it(sent: int, code: int) -> None:
    command = [sys.executable, "-c", BUSY, str(ensure_model(SMALL)), str(int(sent))]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    assert ran.returncode == code, ran.stderr
    pid = int(ran.stdout.split()[0])
    for _ in range(100):
        if not _is_alive(pid):
            return
        time.sleep(0.1)
    raise AssertionError(f"the server, process {pid}, still runs")
