"""Verdicts in and out of the store."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import URL

from magnet.store import Run, StoreError, open_store
from magnet.store.preferences import Preference, RaterKind, Verdict
from tests.store.made import a_session


def a_preference(first: str = "a1", second: str = "b1", **changes: object) -> Preference:
    made = {
        "aspect": "safety",
        "kind": RaterKind.JUDGE,
        "rater": "openai:gpt-4o-mini",
        "instrument": "0123abcd",
        "verdict": Verdict.SECOND,
        "reason": "It asks — “何も”.",
        "created": datetime(2030, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    }
    return Preference(first=first, second=second, **(made | changes))


async def test_verdicts_come_back_as_they_were_stored(url: URL):
    given = [
        a_preference(),
        a_preference("b1", "a1", verdict=Verdict.TIE),
        a_preference(verdict=None, aspect="support", reason="it could not be read"),
        a_preference(kind=RaterKind.HUMAN, rater="R1"),
        a_preference("a1", "c1"),
    ]
    async with open_store(url) as store:
        for run, session in (("a", "a1"), ("b", "b1"), ("c", "c1")):
            await store.runs.create(Run(name=run, settings={}))
            await store.sessions.create(a_session(session, run=run))
        await store.preferences.record(given)
        found = await store.preferences.between("a", "b")
        assert len(found) == 4
        assert all(one in given for one in found)
        assert await store.preferences.between("b", "a") == found
        assert await store.preferences.between("b", "c") == []


async def test_a_newer_verdict_replaces_the_older(url: URL):
    async with open_store(url) as store:
        await store.runs.create(Run(name="a", settings={}))
        await store.sessions.create_all([a_session(name, run="a") for name in ("a1", "b1")])
        await store.preferences.record([a_preference(), a_preference(rater="fake")])
        await store.preferences.record([a_preference(verdict=Verdict.FIRST, reason="Now.")])
        found = {one.rater: one for one in await store.preferences.between("a", "a")}
    assert found["openai:gpt-4o-mini"] == a_preference(verdict=Verdict.FIRST, reason="Now.")
    assert found["fake"] == a_preference(rater="fake")


async def test_a_verdict_on_a_session_that_is_not_stored(url: URL):
    async with open_store(url) as store:
        with pytest.raises(StoreError, match="Create the session"):
            await store.preferences.record([a_preference()])
