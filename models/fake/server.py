"""The fake model as an OpenAI-compatible server, with settable latency, concurrency and faults.

    python -m magnet.models.fake_server --latency-ms 50 --max-concurrency 256 --fail 0.05

The first line that it prints ends in its base URL. `GET /stats` tells what it has done.
"""

import asyncio
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, nullcontext, suppress
from hashlib import blake2b
from typing import Any

import orjson
from aiohttp import web
from pydantic_settings import CliApp

from magnet.models.fake.faults import REFUSALS, FakeServerSettings, Fates, Fault, spoiled
from magnet.models.fake.model import FakeModel
from magnet.models.fake.reply import Reply, wants_usage

_BACKLOG = 1024
# These reach the client as complete answers; the same body again is then a call paid for twice.
_DELIVERED = (None, Fault.HANG)


class FakeServer:
    """Serves the fake model over HTTP; see `serving` and `start_fake_server`."""

    def __init__(self, settings: FakeServerSettings) -> None:
        self.settings = settings
        self.base_url = ""
        self._model = FakeModel()
        self._fates = Fates(settings)
        limit = settings.max_concurrency
        self._gate = asyncio.Semaphore(limit) if limit else nullcontext()
        self._rejects = limit > 0 and settings.when_full == "reject"
        self._calls = self._in_flight = self._peak = self._repeated = 0
        self._by_agent: Counter[str] = Counter()
        self._failures: Counter[str] = Counter()
        self._answered: set[str] = set()
        self._log = settings.log.open("a", buffering=1) if settings.log else None

    def stats(self) -> dict[str, Any]:
        """Return what the server has done so far.

        `repeated` counts requests whose body had been answered in full before.
        """
        return {
            "calls": self._calls,
            "by_agent": dict(self._by_agent),
            "failures": dict(self._failures),
            "answered": len(self._answered) + self._repeated,
            "repeated": self._repeated,
            "in_flight": self._in_flight,
            "in_flight_peak": self._peak,
        }

    def close(self) -> None:
        """Close the log."""
        if self._log:
            self._log.close()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer any request."""
        match request.method, request.path:
            case "POST", "/v1/chat/completions":
                return await self._chat(request)
            case "GET", "/v1/models":
                return _json({"object": "list", "data": [{"id": "fake", "object": "model"}]})
            case "GET", "/health":
                return _json({"status": "ok"})
            case "GET", "/stats":
                return _json(self.stats())
            case method, path:
                return _error(404, "not_found", f"no {method} {path} here")

    async def _chat(self, request: web.BaseRequest) -> web.StreamResponse:
        raw = await request.read()
        number = self._calls
        self._calls += 1
        if self._rejects and self._in_flight >= self.settings.max_concurrency:
            self._failures["full"] += 1
            return self._refusal(Fault.RATE_LIMIT)
        async with self._gate:
            self._in_flight += 1
            self._peak = max(self._peak, self._in_flight)
            try:
                return await self._serve(request, raw, number)
            finally:
                self._in_flight -= 1

    async def _serve(self, request: web.BaseRequest, raw: bytes, number: int) -> web.StreamResponse:
        try:
            body = orjson.loads(raw)
            reply = self._model.reply(body)
        except (ValueError, TypeError, AttributeError) as error:
            return _error(400, "invalid_request_error", str(error))
        fate = self._fates.of(number)
        fault = fate.fault
        if fault is Fault.CONTEXT_OVERFLOW and reply.prompt_tokens <= self.settings.context_tokens:
            fault = None
        if fault is not None and fault in REFUSALS:
            self._note(reply, body, raw, fault, REFUSALS[fault].status)
            return self._refusal(fault)
        transport = request.transport
        if fault is Fault.RESET and transport is not None:
            self._note(reply, body, raw, fault, None)
            transport.abort()
            return web.Response()
        await asyncio.sleep(fate.latency)
        if transport is None or transport.is_closing():
            self._failures["gone"] += 1
            return web.Response()
        self._note(reply, body, raw, fault, 200)
        reply = spoiled(reply, fault)
        if fault is Fault.MALFORMED_BODY:
            whole = orjson.dumps(reply.completion())
            return web.Response(body=whole[: len(whole) // 2], content_type="application/json")
        if body.get("stream"):
            return await _stream(request, reply, include_usage=wants_usage(body))
        return _json(reply.completion())

    def _refusal(self, fault: Fault) -> web.Response:
        refusal = REFUSALS[fault]
        response = _error(refusal.status, refusal.code, refusal.message)
        if fault is Fault.RATE_LIMIT:
            response.headers["Retry-After"] = f"{self.settings.retry_after_s:g}"
        return response

    def _note(
        self,
        reply: Reply,
        body: dict[str, Any],
        raw: bytes,
        fault: Fault | None,
        status: int | None,
    ) -> None:
        sha = blake2b(raw, digest_size=16).hexdigest()
        self._by_agent[reply.agent] += 1
        if fault is not None:
            self._failures[fault.value] += 1
        if fault in _DELIVERED:
            self._repeated += sha in self._answered
            self._answered.add(sha)
        if self._log:
            line = {
                "agent": reply.agent,
                "seed": body.get("seed"),
                "sha": sha,
                "status": status,
                "fault": fault,
            }
            self._log.write(orjson.dumps(line).decode() + "\n")


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value), status=status, content_type="application/json")


def _error(status: int, code: str, message: str) -> web.Response:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    return _json({"error": {"message": message, "type": kind, "code": code}}, status)


async def _stream(
    request: web.BaseRequest, reply: Reply, *, include_usage: bool
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for event in reply.events(include_usage=include_usage):
        await response.write(event)
    await response.write_eof()
    return response


@asynccontextmanager
async def serving(settings: FakeServerSettings) -> AsyncGenerator[FakeServer]:
    """Run a fake server in this event loop; its `base_url` is set."""
    server = FakeServer(settings)
    runner = web.ServerRunner(web.Server(server.handle, access_log=None))
    await runner.setup()
    try:
        site = web.TCPSite(runner, settings.host, settings.port, backlog=_BACKLOG)
        await site.start()
        host, port = runner.addresses[0][:2]
        server.base_url = f"http://{host}:{port}/v1"
        yield server
    finally:
        await runner.cleanup()
        server.close()


@contextmanager
def start_fake_server(settings: FakeServerSettings) -> Generator[str]:
    """Run a fake server in a process of its own; gives its base URL.

    Raises:
        RuntimeError: if it does not start.
    """
    command = [sys.executable, "-m", "magnet.models.fake.server", *CliApp.serialize(settings)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            said = process.stdout.readline().split()
            if not said:
                raise RuntimeError(f"the fake server did not start: {' '.join(command)}")
            yield said[-1]
        finally:
            process.terminate()


async def _run(settings: FakeServerSettings) -> None:
    async with serving(settings) as server:
        print("fake model listening on", server.base_url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(_run(CliApp.run(FakeServerSettings)))
