"""The reducers, and the channels over them in a checkpointed graph."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.types import Overwrite
from pydantic import ValidationError

from magnet.checkpoints.serde import state_serializer
from magnet.state import (
    CbtPlan,
    CbtTechnique,
    PlanRecord,
    Provenance,
    SessionSettings,
    SessionState,
    SessionUpdate,
    Speaker,
    Utterance,
    start_session,
)
from magnet.state.channels import keep_last, upsert
from tests.scripted import make_client

MARKER = "a marker that stands in the intake form alone"
CONFIG: Any = {"configurable": {"thread_id": "s1"}}


@dataclass(frozen=True)
class Item:
    key: int
    value: int


items = st.lists(st.builds(Item, key=st.integers(0, 5), value=st.integers(0, 99)), max_size=8)


def replaced_by_key(flat: Sequence[Item]) -> list[Item]:
    kept: list[Item] = []
    for item in flat:
        places = [place for place, old in enumerate(kept) if old.key == item.key]
        if places:
            kept[places[0]] = item
        else:
            kept.append(item)
    return kept


@given(items, st.lists(items, max_size=5))
def test_upsert_replaces_by_key_and_appends_the_rest(
    start: list[Item], writes: list[list[Item]]
) -> None:
    flat = [*start, *(item for write in writes for item in write)]
    assert upsert(start, writes) == replaced_by_key(flat)


@given(items, st.lists(items, max_size=6), st.data())
def test_upsert_gives_the_same_list_however_the_writes_are_batched(
    start: list[Item], writes: list[list[Item]], data: st.DataObject
) -> None:
    cuts = data.draw(st.sets(st.integers(0, len(writes))))
    bounds = sorted({0, len(writes), *cuts})
    folded = upsert(start, [])
    for first, last in pairwise(bounds):
        folded = upsert(folded, writes[first:last])
    assert folded == upsert(start, writes)


def test_upsert_starts_from_nothing_and_leaves_what_it_is_given() -> None:
    given_items = [Item(1, 1)]
    assert upsert(None, []) == []
    assert upsert(given_items, [[Item(1, 2)]]) == [Item(1, 2)]
    assert given_items == [Item(1, 1)]


def test_the_last_write_of_a_single_value_stands() -> None:
    assert keep_last("old", ["first", "second"]) == "second"
    assert keep_last("old", []) == "old"


PLAN = PlanRecord(
    plan=CbtPlan(
        reason="It fits well.",
        technique=CbtTechnique.PIE_CHART,
        steps=["First step.", "Second step.", "Third step."],
    ),
    provenance=Provenance(seed=7),
)


async def listen(state: SessionState) -> SessionUpdate:
    said = Utterance(
        index=len(state["utterances"]),
        speaker=Speaker.COUNSELOR,
        text=f"I read {state['client'].form.presenting_problem!r}",
    )
    return {"utterances": [said]}


async def plan(state: SessionState) -> SessionUpdate:
    assert "plan" not in state
    return {"plan": PLAN}


def build(saver: AsyncSqliteSaver) -> CompiledStateGraph[Any, Any, Any, Any]:
    graph = StateGraph(SessionState)
    for name, node in (("first", listen), ("plan", plan), ("last", listen)):
        graph.add_node(name, node)
    graph.add_edge(START, "first")
    graph.add_edge("first", "plan")
    graph.add_edge("plan", "last")
    graph.add_edge("last", END)
    return graph.compile(checkpointer=saver)


def saver_of(connection: aiosqlite.Connection) -> AsyncSqliteSaver:
    # The strict one: a type of the state that it does not list comes back as plain data.
    return AsyncSqliteSaver(connection, serde=state_serializer())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "session.db"


async def test_what_is_stored_once_is_read_back_by_another_process(file: Path) -> None:
    given_state = start_session(
        make_client(presenting_problem=MARKER), SessionSettings(turn_limit=2, seed=3)
    )
    async with aiosqlite.connect(file) as connection:
        played = await build(saver_of(connection)).ainvoke(given_state, CONFIG)
    async with aiosqlite.connect(file) as connection:
        snapshot = await build(saver_of(connection)).aget_state(CONFIG)

    assert snapshot.values == played
    assert snapshot.next == ()
    assert played["client"] == given_state["client"]
    assert played["settings"] == SessionSettings(turn_limit=2, seed=3)
    assert played["plan"] == PLAN
    assert [u.index for u in played["utterances"]] == [0, 1, 2, 3]
    assert MARKER in played["utterances"][-1].text


async def test_a_value_that_nobody_wrote_stays_absent_until_it_is(file: Path) -> None:
    given_state = start_session(make_client(), SessionSettings())
    async with aiosqlite.connect(file) as connection:
        graph = build(saver_of(connection))
        await graph.ainvoke(given_state, CONFIG)
        history = [snapshot async for snapshot in graph.aget_state_history(CONFIG)]
    held = {snapshot.next: "plan" in snapshot.values for snapshot in history}
    assert held == {
        (): True,
        ("last",): True,
        ("plan",): False,
        ("first",): False,
        ("__start__",): False,
    }


async def test_an_edit_of_what_is_stored_once_replaces_it(file: Path) -> None:
    given_state = start_session(make_client(), SessionSettings(seed=3))
    async with aiosqlite.connect(file) as connection:
        graph = build(saver_of(connection))
        await graph.ainvoke(given_state, CONFIG)
        said = Utterance(index=2, speaker=Speaker.COUNSELOR, text="edited")
        changed = {"settings": SessionSettings(seed=4), "utterances": [said]}
        await graph.aupdate_state(CONFIG, changed, as_node="last")
        snapshot = await graph.aget_state(CONFIG)
    assert snapshot.values["settings"].seed == 4
    assert snapshot.values["client"] == given_state["client"]
    assert [u.index for u in snapshot.values["utterances"]] == [0, 1, 2, 3]
    assert snapshot.values["utterances"][2] == said


async def test_an_edit_may_come_as_plain_data(file: Path) -> None:
    given_state = start_session(make_client(), SessionSettings(seed=3))
    async with aiosqlite.connect(file) as connection:
        graph = build(saver_of(connection))
        await graph.ainvoke(given_state, CONFIG)
        said = Utterance(index=2, speaker=Speaker.COUNSELOR, text="edited")
        changed = {"settings": {"seed": 4}, "utterances": [said.model_dump(mode="json")]}
        await graph.aupdate_state(CONFIG, changed, as_node="last")
        snapshot = await graph.aget_state(CONFIG)
        with pytest.raises(ValidationError, match="turn_limit"):
            await graph.aupdate_state(CONFIG, {"settings": {"turn_limit": 3}}, as_node="last")
    assert snapshot.values["settings"] == SessionSettings(seed=4)
    assert snapshot.values["utterances"][2] == said
    assert len(snapshot.values["utterances"]) == 4


async def test_a_list_can_be_overwritten_with_plain_data(file: Path) -> None:
    async with aiosqlite.connect(file) as connection:
        graph = build(saver_of(connection))
        await graph.ainvoke(start_session(make_client(), SessionSettings()), CONFIG)
        said = Utterance(index=0, speaker=Speaker.CLIENT, text="only this")
        whole = {"utterances": Overwrite([said.model_dump(mode="json")])}
        await graph.aupdate_state(CONFIG, whole, as_node="last")
        snapshot = await graph.aget_state(CONFIG)
    assert snapshot.values["utterances"] == [said]


async def test_what_a_reader_decodes_as_plain_data_is_the_same_state(file: Path) -> None:
    given_state = start_session(make_client(), SessionSettings(seed=3))
    async with aiosqlite.connect(file) as connection:
        played = await build(saver_of(connection)).ainvoke(given_state, CONFIG)
        # It knows no type of the project's, as LangGraph's server where it shows a thread.
        plain = JsonPlusSerializer(allowed_msgpack_modules=None)
        graph = build(AsyncSqliteSaver(connection, serde=plain))
        snapshot = await graph.aget_state(CONFIG)
        history = [state async for state in graph.aget_state_history(CONFIG)]
    assert snapshot.values == played
    assert [len(state.values.get("utterances", [])) for state in history] == [4, 3, 3, 2, 0]


async def test_the_client_is_written_with_the_input_and_at_no_later_step(file: Path) -> None:
    given_state = start_session(make_client(history=MARKER), SessionSettings())
    async with aiosqlite.connect(file) as connection:
        await build(saver_of(connection)).ainvoke(given_state, CONFIG)
        writes = "SELECT count(*) FROM writes WHERE channel = 'client' AND instr(value, ?) > 0"
        whole = "SELECT count(*), sum(instr(checkpoint, ?) > 0) FROM checkpoints"
        blob = MARKER.encode()
        assert await (await connection.execute(writes, (blob,))).fetchone() == (1,)
        assert await (await connection.execute(whole, (blob,))).fetchone() == (5, 1)
