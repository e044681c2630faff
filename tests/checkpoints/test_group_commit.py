"""The grouping checkpointer stores what the plain one does, and nothing acknowledged is lost."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from sqlalchemy import URL

from magnet.checkpoints import open_checkpointer
from magnet.checkpoints.serde import state_serializer
from magnet.store import StoreError, open_store
from tests.checkpoints.graphs import build, config, session_input
from tests.databases import start

PUT = """
import asyncio, sys
from sqlalchemy import make_url
from magnet.checkpoints import open_checkpointer
from magnet.store import open_store
from tests.checkpoints.graphs import config

async def put(saver, session):
    for number in range(100_000):
        place = config(session, f"{number:08}")
        await saver.aput_writes(place, [("candidates", [number])], "task", "path")
        print(session, f"{number:08}", flush=True)

async def main():
    async with (
        open_store(make_url(sys.argv[1])) as store,
        open_checkpointer(store.url, store.writer) as saver,
    ):
        await asyncio.gather(*(put(saver, f"s{number}") for number in range(20)))

asyncio.run(main())
"""

OPEN = """
import asyncio, sys
from sqlalchemy import make_url
from magnet.checkpoints import open_checkpointer
from magnet.store import open_store
from tests.checkpoints.graphs import build, config, session_input

async def main(url, session):
    async with (
        open_store(make_url(url)) as store,
        open_checkpointer(store.url, store.writer) as saver,
    ):
        state = await build(saver).ainvoke(session_input(4), config(session))
        print(len(state["utterances"]))

asyncio.run(main(*sys.argv[1:]))
"""


def rows_of(states: list[Any]) -> list[Any]:
    return [(state.values, state.next, state.metadata["step"], state.tasks) for state in states]


async def test_session_reads_back_as_from_the_plain_checkpointer(tmp_path: Path):
    file = tmp_path / "sessions.db"
    async with open_store(file) as store:
        async with open_checkpointer(store.url, store.writer) as saver:
            graph = build(saver)
            await graph.ainvoke(session_input(6), config("s1"))
            grouped = [state async for state in graph.aget_state_history(config("s1"))]
        async with AsyncSqliteSaver.from_conn_string(str(file)) as plain:
            plain.serde = state_serializer()
            graph = build(plain)
            read = [state async for state in graph.aget_state_history(config("s1"))]
            await graph.ainvoke(session_input(6), config("s2"))
            alone = (await graph.aget_state(config("s2"))).values
    assert rows_of(read) == rows_of(grouped)
    assert grouped[0].values == alone
    assert len(alone["utterances"]) == 8


async def test_each_database_takes_many_sessions_at_once_and_opens_again(url: URL):
    async with open_store(url) as store, open_checkpointer(store.url, store.writer) as saver:
        graph = build(saver)
        await asyncio.gather(
            *(graph.ainvoke(session_input(4), config(f"s{number}")) for number in range(20))
        )
        before = (await graph.aget_state(config("s0"))).values
        await saver.adelete_thread("s1")
    async with open_store(url) as store, open_checkpointer(store.url, store.writer) as saver:
        graph = build(saver)
        for number in range(20):
            values = (await graph.aget_state(config(f"s{number}"))).values
            assert values == ({} if number == 1 else before)


async def test_writes_at_once_share_a_few_commits_and_a_cancelled_one_disturbs_none(tmp_path: Path):
    async with (
        open_store(tmp_path / "sessions.db") as store,
        open_checkpointer(store.url, store.writer) as saver,
    ):
        before = store.writer.commits
        tasks = [
            asyncio.create_task(
                saver.aput_writes(config("s1", "1"), [("candidates", [number])], str(number))
            )
            for number in range(64)
        ]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        rows = await store.writer.run(
            lambda connection: connection.exec_driver_sql("SELECT task_id FROM writes").all()
        )
        assert store.writer.commits - before <= 4
    kept = {str(number) for number, result in enumerate(results) if result is None}
    assert kept == {str(number) for number in range(1, 64, 2)}
    assert kept <= {task_id for (task_id,) in rows}


async def test_first_result_of_a_task_stays_and_its_error_is_noted_anew(tmp_path: Path):
    place = config("s1", "1")
    async with (
        open_store(tmp_path / "sessions.db") as store,
        open_checkpointer(store.url, store.writer) as saver,
    ):
        for text in ("first", "second"):
            await saver.aput_writes(place, [("utterances", text), ("end", text)], "task")
            await saver.aput_writes(place, [("__error__", text)], "other")
        await saver.aput(config("s1"), {**_EMPTY, "id": "1"}, {"step": 0}, {})
        found = await saver.aget_tuple(place)
    assert found is not None
    assert sorted(found.pending_writes or ()) == [
        ("other", "__error__", "second"),
        ("task", "end", "first"),
        ("task", "utterances", "first"),
    ]


_EMPTY: Any = {
    "v": 4,
    "ts": "2030-01-01T00:00:00+00:00",
    "channel_values": {},
    "channel_versions": {},
    "versions_seen": {},
    "updated_channels": None,
}


async def test_full_disk_reaches_the_graph_and_the_session_goes_on_later(tmp_path: Path):
    async with (
        open_store(tmp_path / "sessions.db") as store,
        open_checkpointer(store.url, store.writer) as saver,
    ):
        graph = build(saver)
        await graph.ainvoke(session_input(8), config("s1"), interrupt_after=["fusion"])
        pages = await store.writer.run(lambda c: c.exec_driver_sql("PRAGMA page_count").scalar())
        await store.writer.run(lambda c: c.exec_driver_sql(f"PRAGMA max_page_count = {pages}"))
        with pytest.raises(StoreError, match="disk is full"):
            await graph.ainvoke(None, config("s1"))
        await store.writer.run(lambda c: c.exec_driver_sql("PRAGMA max_page_count = 100000"))
        finished = await graph.ainvoke(None, config("s1"))
        undisturbed = await graph.ainvoke(session_input(8), config("s2"))
    assert finished == undisturbed


@pytest.mark.slow
async def test_killed_process_keeps_all_that_was_acknowledged(url: URL):
    with start(PUT, url.render_as_string(hide_password=False)) as process:
        assert process.stdout is not None
        acknowledged = [process.stdout.readline().split() for _ in range(500)]
        process.send_signal(signal.SIGKILL)
        acknowledged += [line.split() for line in process.stdout.read().splitlines()]
    table = "writes" if url.get_backend_name() == "sqlite" else "checkpoint_writes"
    async with open_store(url) as store:
        rows = await store.writer.run(
            lambda c: c.exec_driver_sql(f"SELECT thread_id, checkpoint_id FROM {table}").all()
        )
    assert {tuple(line) for line in acknowledged} <= {tuple(row) for row in rows}


@pytest.mark.slow
def test_processes_that_open_a_new_database_at_once_all_play(url: URL):
    address = url.render_as_string(hide_password=False)
    processes = [start(OPEN, address, f"s{number}") for number in range(4)]
    for process in processes:
        output, errors = process.communicate()
        assert output == "6\n", errors
