"""A session goes on from its newest checkpoint, whatever the clock says."""

import time
from typing import Any

import pytest
from langgraph.checkpoint.base import id as ids
from sqlalchemy import URL

from magnet.checkpoints import open_checkpointer
from magnet.store import open_store
from tests.checkpoints.graphs import build, config, session_input

HOUR = 3600 * 10**9


async def test_a_clock_that_was_set_back_loses_no_step(url: URL, monkeypatch: pytest.MonkeyPatch):
    async with open_store(url) as store, open_checkpointer(store.url, store.writer) as saver:
        graph: Any = build(saver)
        await graph.ainvoke(session_input(4), config("s1"), interrupt_after=["fusion"])
    # As in a new process, an hour earlier.
    now = time.time_ns
    monkeypatch.setattr(ids, "_last_v6_timestamp", None)
    monkeypatch.setattr(time, "time_ns", lambda: now() - HOUR)
    async with open_store(url) as store, open_checkpointer(store.url, store.writer) as saver:
        graph = build(saver)
        await graph.ainvoke(None, config("s1"))
        newest = await graph.aget_state(config("s1"))
        assert newest.next == ()
        assert "end" in newest.values
