"""The call log keeps what was answered, once, and a session's journal answers from it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import URL

from magnet.state import CallKey, Usage
from magnet.store import CallTotals, Journal, StoreError, open_store
from tests.store.made import a_call, a_session


async def test_call_reads_back_equal(url: URL):
    call = a_call(messages=[{"role": "system", "content": "Seien Sie höflich 🙂"}], retries=2)
    async with open_store(url) as store:
        await store.sessions.create(a_session())
        await store.calls.record(call)
        assert await store.calls.find(call.key) == call
        assert await store.calls.find(CallKey("s1", 1, "reflection", 1)) is None


async def test_call_needs_its_session(url: URL):
    async with open_store(url) as store:
        with pytest.raises(StoreError, match="Create the session"):
            await store.calls.record(a_call("nowhere"))


async def test_first_answer_stays(url: URL):
    answered, again = a_call(), a_call(text="another text")
    async with open_store(url) as store:
        await store.sessions.create(a_session())
        for call in (answered, again):
            await store.calls.record(call)
        assert await store.calls.of_session("s1") == [answered]


async def test_calls_come_in_the_order_of_their_start(url: URL):
    first = a_call(node="selector")
    second = replace(a_call(node="fusion"), started=first.started + timedelta(seconds=1))
    async with open_store(url) as store:
        await store.sessions.create(a_session())
        await store.calls.record(second)
        await store.calls.record(first)
        assert [call.node for call in await store.calls.of_session("s1")] == ["selector", "fusion"]


async def test_totals_are_summed_for_each_session(url: URL):
    async with open_store(url) as store:
        for name in ("s1", "s2", "other"):
            await store.sessions.create(a_session(name))
        await store.calls.record(a_call(exchange=1))
        await store.calls.record(a_call(exchange=2))
        await store.calls.record(a_call("other"))
        totals = await store.calls.totals(["s1", "s2"])
    assert totals == {
        "s1": CallTotals(
            calls=2,
            seconds=0.5,
            usage=Usage(prompt=200, cached=120, completion=40),
            exchange=2,
        ),
        "s2": CallTotals(),
    }


async def test_answers_that_no_attempt_mended_are_flagged(url: URL):
    async with open_store(url) as store:
        await store.runs.open("pilot", {})
        for name in ("s1", "s2"):
            await store.sessions.create(a_session(name, run="pilot"))
        for call in (
            a_call(node="mended", attempt=0, outcome="too-long"),
            a_call(node="mended", attempt=1, outcome="kept,history-shortened"),
            a_call(node="left", attempt=0, outcome="too-long"),
            a_call(node="left", attempt=1, outcome="repeats"),
            a_call(node="left", attempt=0, exchange=2, outcome="empty"),
            a_call("s2"),
            a_call("s2", node="other", outcome=None),
        ):
            await store.calls.record(call)
        totals = await store.calls.totals(["s1", "s2"])
        assert {name: total.flagged for name, total in totals.items()} == {"s1": 2, "s2": 0}
        assert await store.calls.flagged("pilot") == {"s1": 2}


async def test_totals_by_node_are_of_one_session(url: URL):
    async with open_store(url) as store:
        for name in ("s1", "s2"):
            await store.sessions.create(a_session(name))
            await store.calls.record(a_call(name, 1))
        await store.calls.record(a_call(exchange=2, attempt=1))
        await store.calls.record(a_call(node="fusion", completion_tokens=7))
        totals = await store.calls.totals_by_node("s1")
    once = CallTotals(
        calls=1, seconds=0.25, usage=Usage(prompt=100, cached=60, completion=7), exchange=1
    )
    twice = CallTotals(
        calls=2, seconds=0.5, usage=Usage(prompt=200, cached=120, completion=40), exchange=2
    )
    assert totals == {"reflection": twice, "fusion": once}


async def test_journal_of_a_resumed_session_answers_what_was_answered(url: URL):
    answered = a_call()
    async with open_store(url) as store:
        await store.sessions.create(a_session())
        journal = Journal(store)
        assert journal.find(answered.key) is None
        await journal.record(answered)
        assert journal.find(answered.key) == answered
    async with open_store(url) as store:
        resumed = await Journal.open(store, "s1")
        assert resumed.find(answered.key) == answered


async def test_journal_lets_go_of_exchanges_long_past(url: URL):
    calls = [a_call(exchange=exchange) for exchange in range(4)]
    async with open_store(url) as store:
        await store.sessions.create(a_session())
        journal = Journal(store)
        for call in calls:
            await journal.record(call)
        assert [journal.find(call.key) for call in calls] == [None, None, *calls[2:]]
        assert await store.calls.of_session("s1") == calls
