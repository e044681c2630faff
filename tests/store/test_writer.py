"""What was acknowledged is stored, whatever happens to others, to the disk or to the process."""

import asyncio
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import URL, Connection, text

from magnet.store import StoreError, open_store
from magnet.store.urls import is_sqlite
from tests.databases import start
from tests.store.made import a_call, a_session

WRITE = """
import asyncio, sys
from sqlalchemy import make_url
from magnet.store import open_store
from tests.store.made import a_call, a_session

async def record(store, session, count):
    for exchange in range(count):
        await store.calls.record(a_call(session, exchange))
        print(session, exchange, flush=True)

async def main(url, prefix, tasks, count):
    async with open_store(make_url(url)) as store:
        names = [f"{prefix}{number}" for number in range(int(tasks))]
        await asyncio.gather(*(store.sessions.create(a_session(name)) for name in names))
        await asyncio.gather(*(record(store, name, int(count)) for name in names))

asyncio.run(main(*sys.argv[1:]))
"""


async def test_concurrent_calls_share_a_few_commits(url: URL):
    async with open_store(url) as store:
        await store.sessions.create(a_session())
        before = store.writer.commits
        calls = [a_call(exchange=exchange) for exchange in range(256)]
        await asyncio.gather(*(store.calls.record(call) for call in calls))
        assert store.writer.commits - before <= 3
        assert await store.calls.of_session("s1") == calls


async def test_cancelled_caller_disturbs_no_other(url: URL):
    async with open_store(url) as store:
        await store.sessions.create(a_session())
        tasks = [
            asyncio.create_task(store.calls.record(a_call(exchange=exchange)))
            for exchange in range(30)
        ]
        await asyncio.sleep(0)
        for task in tasks[::3]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        stored = {call.exchange for call in await store.calls.of_session("s1")}
    kept = [exchange for exchange, result in enumerate(results) if result is None]
    assert kept == [exchange for exchange in range(30) if exchange % 3]
    assert stored >= set(kept)


async def test_bad_row_fails_alone(url: URL):
    async with open_store(url) as store:
        await store.sessions.create(a_session())
        results = await asyncio.gather(
            *(store.calls.record(a_call(exchange=exchange)) for exchange in range(5)),
            store.calls.record(a_call("nowhere")),
            store.calls.record(replace(a_call(exchange=5), text="\ud800")),
            store.sessions.create(a_session("s2")),
            return_exceptions=True,
        )
        assert [type(result) for result in results[5:7]] == [StoreError, UnicodeEncodeError]
        assert results[:5] == [None] * 5
        assert len(await store.calls.of_session("s1")) == 5
        assert len(await store.sessions.list()) == 2


async def test_work_sees_what_was_queued_before_it_and_is_undone_whole(url: URL):
    async with open_store(url) as store:
        await store.sessions.create(a_session())
        recorded = asyncio.create_task(store.calls.record(a_call()))
        await asyncio.sleep(0)
        counted = store.writer.run(
            lambda connection: connection.exec_driver_sql("SELECT count(*) FROM calls").scalar()
        )
        assert await counted == 1
        await recorded
        with pytest.raises(StoreError, match="no_such_table"):
            await store.writer.execute(
                [("DELETE FROM calls", [()]), ("DELETE FROM no_such_table", [()])]
            )
        assert len(await store.calls.of_session("s1")) == 1


async def test_closing_commits_what_is_queued(url: URL):
    async with open_store(url) as store:
        await store.sessions.create(a_session())
        recorded = asyncio.create_task(store.calls.record(a_call()))
        await asyncio.sleep(0)
    await recorded
    with pytest.raises(StoreError, match="closed"):
        await store.calls.record(a_call(exchange=2))
    async with open_store(url) as store:
        assert await store.calls.of_session("s1") == [a_call()]


async def test_full_disk_is_told_to_everyone_who_waits_and_loses_nothing(tmp_path: Path):
    file = tmp_path / "sessions.db"
    async with open_store(file) as store:
        await store.sessions.create(a_session())
        await store.calls.record(a_call(exchange=0))
        pages = await store.writer.run(
            lambda connection: connection.exec_driver_sql("PRAGMA page_count").scalar()
        )
        await store.writer.run(
            lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        )
        big = [a_call(exchange=exchange, text="x" * 20_000) for exchange in range(1, 9)]
        results = await asyncio.gather(
            *(store.calls.record(call) for call in big), return_exceptions=True
        )
        for result in results:
            assert isinstance(result, StoreError)
            assert str(file) in str(result)
            assert "disk is full. Free some space" in str(result)
        await store.writer.run(
            lambda connection: connection.exec_driver_sql("PRAGMA max_page_count = 100000")
        )
        await store.calls.record(big[0])
    async with open_store(file) as store:
        assert [call.exchange for call in await store.calls.of_session("s1")] == [0, 1]


@pytest.mark.slow
async def test_killed_process_keeps_all_that_was_acknowledged(url: URL):
    with start(WRITE, url.render_as_string(hide_password=False), "s", "20", "1000000") as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().split() for _ in range(500)]
        process.send_signal(signal.SIGKILL)
        # The kill may have cut the last line.
        whole = process.stdout.read().rpartition("\n")[0]
        acknowledged += [line.split() for line in whole.splitlines()]
    async with open_store(url) as store:
        stored = {
            (name, str(call.exchange))
            for name in {name for name, _ in acknowledged}
            for call in await store.calls.of_session(name)
        }
    assert len(acknowledged) >= 500
    assert {tuple(line) for line in acknowledged} <= stored


@pytest.mark.slow
async def test_two_processes_write_at_once(url: URL):
    address = url.render_as_string(hide_password=False)
    async with open_store(url):
        pass
    processes = [start(WRITE, address, prefix, "50", "40") for prefix in ("a", "b")]
    for process in processes:
        output, errors = process.communicate()
        assert len(output.splitlines()) == 2000, errors
    async with open_store(url) as store:
        totals = await store.calls.totals([session.id for session in await store.sessions.list()])
    assert [total.calls for total in totals.values()] == [40] * 100


async def test_work_whose_connection_ends_is_done_again(url: URL):
    if is_sqlite(url):
        pytest.skip("a file has no server that ends connections")
    tries: list[int] = []

    def end_the_connection_once(connection: Connection) -> str:
        tries.append(1)
        if len(tries) == 1:
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
        return "done"

    async with open_store(url) as store:
        assert await store.writer.run(end_the_connection_once) == "done"
    assert len(tries) == 2
