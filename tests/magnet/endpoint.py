"""An endpoint whose answers a test makes up, in a thread of this process."""

import json
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from magnet.models.fake.model import FakeModel
from magnet.models.fake.reply import Reply
from magnet.state.technique import packaged_techniques

Answer = tuple[int, bytes]
"""Status and body."""
_AGENTS = (
    *("planner", "selector", "fusion", "counselor", "client", "screen", "feelings"),
    *packaged_techniques(),
)


def as_usual(reply: Reply) -> Answer:
    return 200, json.dumps(reply.completion()).encode()


def saying(content: str | None) -> Answer:
    """An answer of this text, whatever it is."""
    choice = {"index": 0, "message": {"role": "assistant", "content": content}}
    choices = [{**choice, "finish_reason": "stop"}]
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": choices}
    return 200, json.dumps(body).encode()


def refusing(status: int, message: str) -> Answer:
    return status, json.dumps({"error": {"message": message}}).encode()


@dataclass
class Endpoint:
    """Where it answers, how, and what it was asked."""

    answer: Callable[[Reply], Answer] = as_usual
    refuse: Callable[[dict[str, Any]], Answer | None] = lambda _: None
    """What it answers to a request that it does not take."""
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    raw: bytes | list[bytes] | None = None
    """What it sends in the place of HTTP, in one piece or in several."""
    every: float = 0.0
    """Seconds before each piece."""
    headers: dict[str, str] = field(default_factory=dict[str, str])
    url: str = ""
    agents: list[str] = field(default_factory=list[str])
    keys: set[str | None] = field(default_factory=set[str | None])

    def declare(self, folder: Path, name: str = "ours", **fields: object) -> None:
        """Add it to the folder's `magnet.toml`, so that `NAME:m` is a model id."""
        written = {"base_url": self.url, "retries": 0, **fields}
        lines = [f"{key} = {json.dumps(value)}" for key, value in written.items()]
        with (folder / "magnet.toml").open("a") as file:
            file.write("\n".join([f"[providers.{name}]", *lines, ""]))


def _understood(body: dict[str, Any]) -> dict[str, Any]:
    """Hold the answer to a schema that stands in the prompt, as a model that reads it does."""
    *before, last = body["messages"]
    text, words, schema = last["content"].partition(
        "\n\nAnswer with one JSON object of this JSON schema, and nothing else:\n"
    )
    if not words:
        return body
    asked = {"type": "json_schema", "json_schema": {"name": "x", "schema": json.loads(schema)}}
    return {
        **body,
        "messages": [*before, {**last, "content": text}],
        "response_format": asked,
    }


@contextmanager
def endpoint(answer: Callable[[Reply], Answer] = as_usual) -> Generator[Endpoint]:
    """Serve the fake model, through `answer`."""
    served = Endpoint(answer)
    model = FakeModel()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._send(200, b'{"data": [{"id": "m"}]}')

        def do_POST(self) -> None:
            body: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            served.requests.append(body)
            served.headers = {name.lower(): value for name, value in self.headers.items()}
            if served.raw is not None:
                self.close_connection = True
                with suppress(ConnectionError):
                    for piece in served.raw if isinstance(served.raw, list) else [served.raw]:
                        time.sleep(served.every)
                        self.wfile.write(piece)
                        self.wfile.flush()
                return
            if (refused := served.refuse(body)) is not None:
                self._send(*refused)
                return
            reply = model.reply(_understood(body))
            # Variants of an agent's prompt are named after it: fusion-dialogue.
            variant = reply.agent
            agent = next((name for name in _AGENTS if variant.startswith(name)), variant)
            reply = replace(reply, agent=agent)
            served.agents.append(reply.agent)
            served.keys.add(self.headers["Authorization"])
            self._send(*served.answer(reply))

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        served.url = f"http://127.0.0.1:{server.server_port}/v1"
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield served
        finally:
            server.shutdown()
