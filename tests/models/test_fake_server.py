import asyncio
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from pydantic import ValidationError

from magnet.models.fake.faults import Fates
from magnet.models.fake.model import FakeModel
from magnet.models.fake.server import FakeServerSettings, Fault, serving, start_fake_server


def a_body(
    seed: int = 0, content: str = "You answer as a counselor.", **more: Any
) -> dict[str, Any]:
    return {
        "model": "fake",
        "seed": seed,
        "messages": [{"role": "user", "content": content}],
        **more,
    }


def always(fault: Fault, **more: Any) -> FakeServerSettings:
    return FakeServerSettings(faults={fault: 1.0}, **more)


async def post(url: str, body: dict[str, Any], patience: float = 10) -> httpx.Response:
    async with httpx.AsyncClient(timeout=patience) as client:
        return await client.post(f"{url}/chat/completions", json=body)


async def test_serves_the_fake_model_to_the_openai_client() -> None:
    async with serving(FakeServerSettings()) as server:
        client = openai.AsyncOpenAI(base_url=server.base_url, api_key="none")
        completion = await client.chat.completions.create(**a_body(3))
        assert completion.choices[0].message.content == FakeModel().reply(a_body(3)).text
        stream = await client.chat.completions.create(**a_body(3), stream=True)
        pieces = [chunk.choices[0].delta.content or "" async for chunk in stream]
        assert "".join(pieces) == completion.choices[0].message.content
        assert [model.id async for model in client.models.list()] == ["fake"]
        await client.close()


async def test_health_stats_and_unknown_paths() -> None:
    async with serving(FakeServerSettings()) as server, httpx.AsyncClient() as client:
        root = server.base_url.removesuffix("/v1")
        assert (await client.get(f"{root}/health")).json() == {"status": "ok"}
        for seed in (1, 2, 1):
            await post(server.base_url, a_body(seed))
        stats = (await client.get(f"{root}/stats")).json()
        assert stats["calls"] == 3
        assert stats["answered"] == 3
        assert stats["repeated"] == 1
        assert stats["by_agent"] == {"counselor": 3}
        assert (await client.get(f"{root}/v1/other")).status_code == 404


async def test_a_body_that_is_no_request_is_refused() -> None:
    async with serving(FakeServerSettings()) as server, httpx.AsyncClient() as client:
        for content in (b"{", b"[]", b'{"messages": []}'):
            answer = await client.post(f"{server.base_url}/chat/completions", content=content)
            assert answer.status_code == 400


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (Fault.RATE_LIMIT, 429),
        (Fault.SERVER_ERROR, 500),
        (Fault.BAD_GATEWAY, 502),
        (Fault.UNAVAILABLE, 503),
    ],
)
async def test_refusals_by_status(fault: Fault, status: int) -> None:
    async with serving(always(fault, retry_after_s=0.5)) as server:
        answer = await post(server.base_url, a_body())
        assert answer.status_code == status
        assert answer.json()["error"]["code"]
        assert answer.headers.get("retry-after") == ("0.5" if status == 429 else None)
        async with httpx.AsyncClient() as client:
            stats = (await client.get(f"{server.base_url.removesuffix('/v1')}/stats")).json()
        assert stats["failures"] == {str(status): 1}
        assert stats["answered"] == 0


async def test_reset_closes_the_connection_without_an_answer() -> None:
    async with serving(always(Fault.RESET)) as server:
        with pytest.raises(httpx.TransportError):
            await post(server.base_url, a_body())


async def test_hang_answers_late_and_a_client_that_left_was_not_answered() -> None:
    async with serving(always(Fault.HANG, hang_s=0.3)) as server:
        with pytest.raises(httpx.ReadTimeout):
            await post(server.base_url, a_body(), patience=0.05)
        assert (await post(server.base_url, a_body())).status_code == 200
        assert server.stats()["answered"] == 1
        assert server.stats()["repeated"] == 0


def _cut_json(answer: httpx.Response) -> bool:
    choice = answer.json()["choices"][0]
    try:
        json.loads(choice["message"]["content"])
    except ValueError:
        return choice["finish_reason"] == "length"
    return False


def _not_json(answer: httpx.Response) -> bool:
    try:
        answer.json()
    except ValueError:
        return answer.status_code == 200
    return False


def _empty(answer: httpx.Response) -> bool:
    return answer.json()["choices"][0]["message"]["content"] == ""


@pytest.mark.parametrize(
    ("fault", "shows"),
    [(Fault.TRUNCATED_JSON, _cut_json), (Fault.MALFORMED_BODY, _not_json), (Fault.EMPTY, _empty)],
)
async def test_spoiled_answers(fault: Fault, shows: Callable[[httpx.Response], bool]) -> None:
    async with serving(always(fault)) as server:
        body = a_body(response_format={"type": "json_object"})
        assert shows(await post(server.base_url, body))
        assert server.stats()["answered"] == 0


async def test_context_overflow_meets_long_prompts_only() -> None:
    async with serving(always(Fault.CONTEXT_OVERFLOW, context_tokens=100)) as server:
        long = await post(server.base_url, a_body(content="word " * 200))
        assert long.status_code == 400
        assert long.json()["error"]["code"] == "context_length_exceeded"
        assert (await post(server.base_url, a_body(content="word"))).status_code == 200


async def test_requests_above_the_limit_wait() -> None:
    settings = FakeServerSettings(latency_ms=20, max_concurrency=3)
    async with serving(settings) as server:
        answers = await asyncio.gather(*(post(server.base_url, a_body(i)) for i in range(10)))
        assert {answer.status_code for answer in answers} == {200}
        assert server.stats()["in_flight_peak"] == 3


async def test_requests_above_the_limit_are_rejected_when_asked_for() -> None:
    settings = FakeServerSettings(latency_ms=100, max_concurrency=3, when_full="reject")
    async with serving(settings) as server:
        answers = await asyncio.gather(*(post(server.base_url, a_body(i)) for i in range(10)))
        statuses = Counter(answer.status_code for answer in answers)
        assert statuses[200] >= 3
        assert statuses[429] >= 1
        assert statuses[429] == server.stats()["failures"]["full"]
        assert server.stats()["in_flight_peak"] == 3


def test_faults_are_drawn_by_seed_and_request_number() -> None:
    def drawn(seed: int) -> list[Fault | None]:
        fates = Fates(FakeServerSettings(fail=0.5, seed=seed))
        return [fates.of(number).fault for number in range(2000)]

    assert drawn(1) == drawn(1) != drawn(2)
    counts = Counter(drawn(1))
    assert counts[None] == pytest.approx(1000, abs=100)
    assert all(counts[fault] == pytest.approx(100, abs=40) for fault in Fault)


def test_latency_is_lognormal_around_its_median() -> None:
    fates = Fates(FakeServerSettings(latency_ms=50, latency_sigma=0.5))
    latencies = sorted(fates.of(number).latency for number in range(1001))
    assert latencies[500] == pytest.approx(0.05, rel=0.1)
    assert latencies[841] / latencies[500] == pytest.approx(1.65, rel=0.15)


@pytest.mark.parametrize("settings", [{"fail": 0.6, "faults": {"reset": 0.6}}, {"fail": 2}])
def test_impossible_probabilities_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        FakeServerSettings.model_validate(settings)


async def test_the_log_has_a_line_for_each_request(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    async with serving(always(Fault.EMPTY, log=log)) as server:
        await post(server.base_url, a_body(5))
        lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["seed"], line["status"], line["fault"]) for line in lines] == [(5, 200, "empty")]


def test_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    settings = FakeServerSettings(log=log, faults={Fault.EMPTY: 0.0})
    with start_fake_server(settings) as url:
        answer = httpx.post(f"{url}/chat/completions", json=a_body(4))
        assert (
            answer.json()["choices"][0]["message"]["content"] == FakeModel().reply(a_body(4)).text
        )
        assert len(log.read_text().splitlines()) == 1
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/models")
