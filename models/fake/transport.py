"""The fake model behind an HTTP client, without a socket."""

import json
from typing import Any

import httpx

from magnet.models.fake.model import FakeModel
from magnet.models.fake.reply import wants_usage


def fake_transport(model: FakeModel | None = None) -> httpx.MockTransport:
    """Return a transport that answers chat completions from the fake model, in this process.

    It serves both of httpx's clients: `httpx.AsyncClient(transport=fake_transport())`, and the
    synchronous one.
    """
    fake = model or FakeModel()

    def answer(request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/chat/completions"):
            message = f"the fake model answers chat completions only, not {request.url.path}"
            return httpx.Response(404, json={"error": {"message": message}})
        body: dict[str, Any] = json.loads(request.content)
        reply = fake.reply(body)
        if body.get("stream"):
            events = b"".join(reply.events(include_usage=wants_usage(body)))
            return httpx.Response(
                200, content=events, headers={"content-type": "text/event-stream"}
            )
        return httpx.Response(200, json=reply.completion())

    return httpx.MockTransport(answer)
