"""Calling an endpoint as fast as it will have it, and no faster.

A refusal for load (429, 503) never reaches a session: the call waits as long as the server says and
is made again, and fewer calls are let through at once. Each answer lets a little more through
again: additive increase, multiplicative decrease, as TCP paces a link.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from time import time
from typing import cast

import httpx

OVERLOADED = (429, 503)
MOST_BYTES = 16 * 2**20
"""Bytes of an answer that are read; the longest answer of a model has a hundredth of that."""
# OpenAI's code, and the words of others. platform.openai.com/docs/guides/error-codes
_USED_UP = ("insufficient_quota", "billing_hard_limit", "exceeded your current quota")
_LEAST, _MOST = 1.0, 1024.0
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0
# After this many refusals in a row it is no matter of load: a quota that is used up, say.
_PATIENCE = 20


def is_used_up(refusal: str) -> bool:
    """Return whether a refusal means that nothing will be answered however long one waits."""
    text = refusal.lower()
    return any(phrase in text for phrase in _USED_UP)


class _Limited(httpx.AsyncByteStream):
    """A body that breaks off where no answer is so long."""

    def __init__(self, stream: httpx.SyncByteStream | httpx.AsyncByteStream) -> None:
        self._stream = cast(httpx.AsyncByteStream, stream)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._stream:
            size += len(piece)
            if size > MOST_BYTES:
                raise httpx.ReadError(f"the answer has more than {MOST_BYTES:,} bytes")
            yield piece

    async def aclose(self) -> None:
        await self._stream.aclose()


class PacedTransport(httpx.AsyncBaseTransport):
    """A transport to one endpoint that adapts how many calls are under way at once.

    Args:
        transport: what carries the requests.
        limit: calls at once to begin with.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport, limit: float = _MOST) -> None:
        self._transport = transport
        self.limit = limit
        self._under_way = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Make a call when there is room for it, again and again while it is refused for load."""
        refusals = 0
        while True:
            await self._enter()
            try:
                response = await self._transport.handle_async_request(request)
            finally:
                self._leave()
            response.stream = _Limited(response.stream)
            if response.status_code not in OVERLOADED:
                self.limit = min(_MOST, self.limit + 1 / self.limit)
                return response
            self.limit = max(_LEAST, min(self.limit, self._under_way + 1) / 2)
            try:
                body = await response.aread()
            finally:
                await response.aclose()
            if refusals == _PATIENCE or is_used_up(body.decode(errors="replace")):
                # The client would begin anew with what has been waited for here.
                response.headers["x-should-retry"] = "false"
                return response
            await asyncio.sleep(wait_of(response.headers.get("retry-after"), refusals))
            refusals += 1

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def _enter(self) -> None:
        while self._under_way >= self.limit:
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if not turn.cancelled():
                    # Its turn had come already: without it, the next one might never be woken.
                    self._wake_next()
                raise
        self._under_way += 1

    def _leave(self) -> None:
        self._under_way -= 1
        self._wake_next()

    def _wake_next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return


def wait_of(retry_after: str | None, refusals: int) -> float:
    """Return the seconds to wait: what the server says, or twice as long each time."""
    try:
        if retry_after is not None:
            return min(_LONGEST_WAIT, max(0.0, float(retry_after)))
    except ValueError:
        try:
            seconds = parsedate_to_datetime(str(retry_after)).timestamp() - time()
            return min(_LONGEST_WAIT, max(0.0, seconds))
        except ValueError:
            pass
    return min(_LONGEST_WAIT, _FIRST_WAIT * 2**refusals)
