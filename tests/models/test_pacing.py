"""An endpoint that refuses for load is called again, and with fewer calls at once."""

import asyncio

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnet.models.pacing import PacedTransport, wait_of


class Overloaded:
    """Refuses while more than `room` calls are under way."""

    def __init__(self, room: int, status: int = 429) -> None:
        self.room = room
        self.status = status
        self.under_way = 0
        self.refused = 0

    async def answer(self, _: httpx.Request) -> httpx.Response:
        if self.under_way >= self.room:
            self.refused += 1
            return httpx.Response(self.status, headers={"retry-after": "0.01"})
        self.under_way += 1
        await asyncio.sleep(0.002)
        self.under_way -= 1
        return httpx.Response(200)


@pytest.mark.parametrize("status", [429, 503])
async def test_no_call_is_lost_to_load(status: int) -> None:
    server = Overloaded(room=4, status=status)
    transport = PacedTransport(httpx.MockTransport(server.answer))
    async with httpx.AsyncClient(transport=transport, base_url="http://made.up") as client:
        answers = await asyncio.gather(*(client.get("/") for _ in range(200)))
    assert {answer.status_code for answer in answers} == {200}
    assert server.refused
    assert transport.limit < 100


async def test_an_endless_refusal_is_handed_on() -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers={"retry-after": "0"})

    transport = PacedTransport(httpx.MockTransport(refuse))
    async with httpx.AsyncClient(transport=transport, base_url="http://made.up") as client:
        assert (await client.get("/")).status_code == 429


async def test_a_cancelled_call_gives_its_place_away() -> None:
    server = Overloaded(room=1000)
    transport = PacedTransport(httpx.MockTransport(server.answer), limit=1)
    async with httpx.AsyncClient(transport=transport, base_url="http://made.up") as client:
        calls = [asyncio.create_task(client.get("/")) for _ in range(3)]
        await asyncio.sleep(0)
        calls[1].cancel()
        assert (await calls[0]).status_code == 200
        assert (await asyncio.wait_for(calls[2], 2)).status_code == 200


async def test_a_call_that_is_cancelled_as_its_turn_comes_passes_it_on() -> None:
    calls: list[asyncio.Task[httpx.Response]] = []

    async def answer(_: httpx.Request) -> httpx.Response:
        await asyncio.sleep(0.002)
        # In the turn of the loop in which the first call returns, the second one's turn has come.
        asyncio.get_running_loop().call_soon(calls[1].cancel)
        return httpx.Response(200)

    transport = PacedTransport(httpx.MockTransport(answer), limit=1)
    async with httpx.AsyncClient(transport=transport, base_url="http://made.up") as client:
        calls += [asyncio.create_task(client.get("/")) for _ in range(3)]
        done = asyncio.gather(*calls, return_exceptions=True)
        first, second, third = await asyncio.wait_for(done, 2)
    assert isinstance(second, asyncio.CancelledError)
    assert isinstance(first, httpx.Response)
    assert isinstance(third, httpx.Response)


@given(st.one_of(st.none(), st.text(), st.floats().map(str)), st.integers(0, 30))
def test_a_wait_is_never_negative_and_never_endless(header: str | None, refusals: int) -> None:
    assert 0 <= wait_of(header, refusals) <= 60


def test_a_wait_is_what_the_server_says() -> None:
    assert wait_of("7", 0) == 7
    assert wait_of(None, 3) == 4
    assert wait_of("Wed, 21 Oct 2015 07:28:00 GMT", 0) == 0
