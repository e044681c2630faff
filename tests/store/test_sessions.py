"""Sessions and runs go in and come out as they are, and are found again."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import URL

from magnet.state import EndReason, SessionSettings, exchanges_of
from magnet.store import (
    AmbiguousIdError,
    Run,
    RunSettingsError,
    SessionStatus,
    StoreError,
    UnknownIdError,
    open_store,
)
from tests.store.made import a_session, a_state


async def test_new_session_reads_back_equal(url: URL):
    session = a_session()
    async with open_store(url) as store:
        await store.sessions.create(session)
    async with open_store(url) as store:
        assert await store.sessions.get("s1") == session


async def test_finished_session_has_its_transcript(url: URL):
    state = a_state()
    async with open_store(url) as store:
        created = await store.sessions.create(a_session())
        await store.sessions.fail("s1", "the endpoint is gone")
        await store.sessions.finish("s1", state)
        found = await store.sessions.get("s1")
    assert found.status is SessionStatus.FINISHED
    assert found.end_reason is EndReason.CLIENT
    assert found.error is None
    assert found.plan == state.get("plan")
    assert list(found.utterances) == state["utterances"]
    assert list(found.exchanges) == exchanges_of(state)
    assert found.created == created.created
    assert found.updated > created.updated


async def test_failed_session_keeps_its_reason_and_how_far_it_came_until_it_goes_on(url: URL):
    state = a_state()
    async with open_store(url) as store:
        await store.sessions.create(a_session())
        await store.sessions.fail("s1", "the endpoint is gone", state)
        failed = await store.sessions.get("s1")
        await store.sessions.reopen("s1")
        reopened = await store.sessions.get("s1")
    assert (failed.status, failed.error) == (SessionStatus.FAILED, "the endpoint is gone")
    assert list(failed.utterances) == state["utterances"]
    assert (reopened.status, reopened.error) == (SessionStatus.RUNNING, None)


async def test_session_that_is_not_there_cannot_be_changed_or_read(url: URL):
    async with open_store(url) as store:
        with pytest.raises(UnknownIdError, match="nobody"):
            await store.sessions.finish("nobody", a_state())
        with pytest.raises(UnknownIdError, match="magnet list"):
            await store.sessions.get("nobody")


async def test_id_is_taken_once(url: URL):
    async with open_store(url) as store:
        await store.sessions.create(a_session())
        with pytest.raises(StoreError, match="stored already"):
            await store.sessions.create(a_session())


async def test_prefix_finds_a_session_when_it_is_the_only_one(url: URL):
    async with open_store(url) as store:
        for name in ("ab1", "ab1x", "aB2", "b%_"):
            await store.sessions.create(a_session(name))
        assert (await store.sessions.find("b")).id == "b%_"
        assert (await store.sessions.find("aB")).id == "aB2"
        assert (await store.sessions.find("ab1")).id == "ab1", "a whole id is never ambiguous"
        with pytest.raises(AmbiguousIdError, match="ab1, ab1x"):
            await store.sessions.find("ab")
        for unknown in ("%", "c", ""):
            with pytest.raises(UnknownIdError):
                await store.sessions.find(unknown)


async def test_list_filters_and_starts_with_the_newest(url: URL):
    start = datetime(2030, 1, 1, tzinfo=UTC)
    async with open_store(url) as store:
        await store.runs.create(Run(name="r", settings={}))
        for number, method in enumerate(("magnet", "cactus", "magnet")):
            await store.sessions.create(
                a_session(
                    f"s{number}",
                    run="r" if number else None,
                    settings=SessionSettings(method=method),
                    created=start + timedelta(seconds=number),
                )
            )
        await store.sessions.finish("s2", a_state())
        listed = {
            name: [session.id for session in await store.sessions.list(**wanted)]
            for name, wanted in {
                "all": {},
                "two": {"limit": 2},
                "run": {"run": "r"},
                "magnet": {"method": "magnet"},
                "left of run": {"run": "r", "status": SessionStatus.RUNNING},
            }.items()
        }
        (newest,) = await store.sessions.list(limit=1)
    assert listed == {
        "all": ["s2", "s1", "s0"],
        "two": ["s2", "s1"],
        "run": ["s2", "s1"],
        "magnet": ["s2", "s0"],
        "left of run": ["s1"],
    }
    assert (newest.client_name, newest.client_number) == ("Zoë Nguyễn", 3)
    assert newest.end_reason is EndReason.CLIENT


async def test_session_needs_its_run(url: URL):
    async with open_store(url) as store:
        with pytest.raises(StoreError, match="Create the session"):
            await store.sessions.create(a_session(run="nowhere"))


async def test_run_goes_on_with_the_settings_that_it_was_started_with(url: URL):
    settings = {"seeds": [1, 2], "method": "magnet"}
    async with open_store(url) as store:
        started = await store.runs.open("r", settings)
        assert await store.runs.open("r", dict(reversed(settings.items()))) == started
        with pytest.raises(RunSettingsError, match=r"method was 'magnet', now 'cactus'"):
            await store.runs.open("r", settings | {"method": "cactus"})
        assert [run.name for run in await store.runs.list()] == ["r"]
        with pytest.raises(UnknownIdError, match="nothing"):
            await store.runs.get("nothing")
