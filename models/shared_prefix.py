"""Agents that are asked about the same conversation at once compute it once.

llama.cpp's slots do not share a prompt. So the first of these calls has its prompt computed alone,
the slot's cache is saved, and each other agent's slot starts from it and computes only its own
instruction. Where this fails, a call computes its whole prompt, as it would have done anyway.
"""

import asyncio
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx


@dataclass(slots=True)
class _Sharing:
    """Slots whose calls share a prompt, and what they share now."""

    file: str
    """Where the server saves the cache of the shared prompt."""
    conversation: str = ""
    saved: asyncio.Task[bool] | None = None
    cached_before: int = 0
    filled: set[int] = field(default_factory=set[int])


class SharedPrefix(httpx.AsyncBaseTransport):
    """A transport to one llama.cpp server that fills the slots of calls before they are made.

    Args:
        transport: what carries the requests.
        sharing: for each session that is played at once, `id_slot` of the calls that share. Calls
            of two sessions in the same slots are answered as well, but share little.
    """

    def __init__(
        self, transport: httpx.AsyncBaseTransport, sharing: Iterable[Collection[int]]
    ) -> None:
        self._transport = transport
        self._sharing: dict[int, _Sharing] = {}
        for place, slots in enumerate(sharing):
            self._sharing |= dict.fromkeys(slots, _Sharing(f"shared-{place}.bin"))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Make a call, its slot filled before."""
        if request.url.path.endswith("/chat/completions"):
            body: dict[str, Any] = json.loads(await request.aread())
            sharing = self._sharing.get(body.get("id_slot", -1))
            if sharing and await self._fill(sharing, request, body):
                answer = await self._transport.handle_async_request(request)
                return await _with_cached(answer, sharing.cached_before)
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def _fill(self, sharing: _Sharing, request: httpx.Request, body: dict[str, Any]) -> bool:
        """Fill a call's slot; tell whether the shared prompt was computed for this call."""
        slot: int = body["id_slot"]
        # The agents' messages are the same up to the last, which ends in the agent's instruction.
        conversation = json.dumps(body["messages"][:-1])
        saved, filled = sharing.saved, sharing.filled
        first = saved is None or conversation != sharing.conversation
        if saved is None or first:
            saved = asyncio.create_task(self._compute_and_save(sharing, request, body))
            filled = {slot}
            sharing.conversation, sharing.saved, sharing.filled = conversation, saved, filled
        # The computation is everyone's: one canceled call does not cancel it.
        if await asyncio.shield(saved) and slot not in filled:
            filled.add(slot)
            restore = f"/slots/{slot}?action=restore"
            await self._post(request, restore, {"filename": sharing.file})
        return first

    async def _compute_and_save(
        self, sharing: _Sharing, request: httpx.Request, body: dict[str, Any]
    ) -> bool:
        prompt_alone = {"messages": body["messages"], "id_slot": body["id_slot"], "max_tokens": 1}
        computed = await self._post(request, request.url.path, prompt_alone)
        if computed is None:
            return False
        details = computed.get("usage", {}).get("prompt_tokens_details", {})
        sharing.cached_before = details.get("cached_tokens", 0)
        save = f"/slots/{body['id_slot']}?action=save"
        return await self._post(request, save, {"filename": sharing.file}) is not None

    async def _post(
        self, request: httpx.Request, target: str, content: dict[str, Any]
    ) -> dict[str, Any] | None:
        """Ask the server for something else on the way; give its answer, or none if it fails."""
        key = request.headers.get("Authorization")
        made = httpx.Request(
            "POST",
            request.url.join(target),
            json=content,
            headers={"Authorization": key} if key else None,
            extensions=request.extensions,
        )
        try:
            response = await self._transport.handle_async_request(made)
            answer = json.loads(await response.aread())
            await response.aclose()
        except (httpx.HTTPError, ValueError):
            return None
        return answer if response.is_success else None


async def _with_cached(response: httpx.Response, cached: int) -> httpx.Response:
    """Count the shared prompt as computed by the call that it was computed for.

    To the server it was cached by then; without this nobody would account for its tokens.
    """
    content = await response.aread()
    await response.aclose()
    headers = {"content-type": response.headers.get("content-type", "application/json")}
    try:
        body = json.loads(content)
        body["usage"]["prompt_tokens_details"]["cached_tokens"] = cached
        content = json.dumps(body).encode()
    except (ValueError, KeyError, TypeError):
        pass  # no usage to correct: an error, which goes on as it came
    return httpx.Response(response.status_code, headers=headers, content=content)
