"""Pruning keeps the state of every checkpoint that stays, and the session goes on as if whole."""

import asyncio
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command
from sqlalchemy import URL

from magnet.checkpoints import CheckpointError, open_checkpointer, prune
from magnet.state import Speaker, Utterance
from magnet.store import StoreError, open_store
from tests.checkpoints.graphs import PROVENANCE, build, config, session_input

TURNS = 8
STOPS = ("planner", "reflection", "fusion", "client")

operations = st.one_of(
    st.tuples(st.just("play"), st.sampled_from(STOPS)),
    st.tuples(st.just("prune"), st.sampled_from(["all", "exchanges", "last"])),
    st.tuples(st.sampled_from(["edit", "replay"]), st.integers(0, 50)),
    st.tuples(st.just("command"), st.sampled_from(STOPS)),
)


async def history(graph: Any, session: str) -> dict[str, Any]:
    """Return what each checkpoint reads as, oldest first."""
    states = [state async for state in graph.aget_state_history(config(session))]
    return {
        state.config["configurable"]["checkpoint_id"]: (state.values, state.next)
        for state in sorted(states, key=lambda state: state.config["configurable"]["checkpoint_id"])
    }


async def play(graph: Any, session: str, stop: str) -> None:
    await graph.ainvoke(None, config(session), interrupt_after=[stop], durability="sync")


async def command(graph: Any, session: str, stop: str) -> None:
    """Change what was said last while going on."""
    values = (await graph.aget_state(config(session))).values
    update = Command(update={"utterances": edited(values)}) if "plan" in values else None
    await graph.ainvoke(update, config(session), interrupt_after=[stop], durability="sync")


async def edit(graph: Any, session: str, checkpoint: str, values: Any) -> None:
    """Change what was said last at a checkpoint, and play on from there."""
    changed = await graph.aupdate_state(
        config(session, checkpoint), {"utterances": edited(values)}, as_node="client"
    )
    await graph.ainvoke(None, changed, interrupt_after=["client"], durability="sync")


async def replay(graph: Any, session: str, checkpoint: str, values: Any) -> None:
    """Play on from a checkpoint, as far as the specialists."""
    place = config(session, checkpoint)
    await graph.ainvoke(None, place, interrupt_after=["reflection"], durability="sync")


def edited(values: Any) -> list[Utterance]:
    last = values["utterances"][-1]
    return [
        Utterance(index=last.index, speaker=last.speaker, text="Edited.", provenance=PROVENANCE)
    ]


ON = {"play": play, "command": command}
FROM = {"edit": edit, "replay": replay}


async def check_like_a_twin(graph: Any, saver: Any, steps: list[tuple[str, Any]]) -> None:
    """Do the same to two sessions, prune one of them, and compare all that is left."""
    for session in ("pruned", "whole"):
        await graph.ainvoke(
            session_input(TURNS), config(session), interrupt_before=["planner"], durability="sync"
        )
    names = sorted(await history(graph, "pruned"))
    for step, detail in [*steps, ("play", "client"), ("prune", "last"), ("play", "client")]:
        here, whole = await history(graph, "pruned"), await history(graph, "whole")
        if step in ON:
            await ON[step](graph, "pruned", detail)
            await ON[step](graph, "whole", detail)
        elif step == "prune":
            dropped = await prune(saver, "pruned", detail)
            assert dropped == len(here) - len(await history(graph, "pruned"))
        else:
            places = [name for name, (values, _) in here.items() if "plan" in values]
            if places:
                place = places[detail % len(places)]
                twin = list(whole)[names.index(place)]
                await FROM[step](graph, "pruned", place, here[place][0])
                await FROM[step](graph, "whole", twin, whole[twin][0])
        here, whole = await history(graph, "pruned"), await history(graph, "whole")
        names = sorted({*names, *here})
        expected = dict(zip(names, whole.values(), strict=True))
        assert here == {name: expected[name] for name in here}
        assert list(here)[-1] == names[-1], "the newest always stays"


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(st.lists(operations, max_size=10))
def test_pruned_session_is_like_a_whole_one(steps: list[tuple[str, Any]]):
    async def compare() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with (
                open_store(Path(folder) / "sessions.db") as store,
                open_checkpointer(store.url, store.writer) as saver,
            ):
                await check_like_a_twin(build(saver), saver, steps)

    asyncio.run(compare())


@pytest.mark.parametrize("keep", ["exchanges", "last"])
async def test_pruned_session_with_branches_on_each_database(url: URL, keep: str):
    steps = [
        *[("play", "client")] * 2,
        ("replay", 3),
        ("prune", keep),
        ("edit", 1),
        ("play", "fusion"),
        ("prune", keep),
    ]
    async with (
        open_store(url) as store,
        open_checkpointer(store.url, store.writer) as saver,
    ):
        await check_like_a_twin(build(saver), saver, steps)


@pytest.mark.parametrize(
    ("keep", "left"), [("all", 3 * 4 + 3), ("exchanges", 1 + 4), ("last", 1 + 1)]
)
async def test_what_stays(url: URL, keep: Any, left: int):
    async with (
        open_store(url) as store,
        open_checkpointer(store.url, store.writer) as saver,
    ):
        graph = build(saver)
        for session in ("s1", "s2"):
            await graph.ainvoke(session_input(TURNS), config(session), durability="sync")
        untouched = await history(graph, "s2")
        await prune(saver, "s1", keep)
        kept = await history(graph, "s1")
        assert await history(graph, "s2") == untouched
    assert len(kept) == left
    if keep == "exchanges":
        counts = [len(values.get("utterances", ())) for values, _ in kept.values()]
        assert counts == [0, 4, 6, 8, 10]
        speakers = [values["utterances"][-1].speaker for values, _ in list(kept.values())[1:]]
        assert set(speakers) == {Speaker.CLIENT}


async def test_pruning_saves_space(tmp_path: Path):
    async with (
        open_store(tmp_path / "sessions.db") as store,
        open_checkpointer(store.url, store.writer) as saver,
    ):
        await build(saver).ainvoke(session_input(40), config("s1"), durability="sync")
        sizes: list[int] = []
        for keep in ("all", "exchanges", "last"):
            await prune(saver, "s1", keep)
            sizes.append(
                await store.writer.run(
                    lambda c: c.exec_driver_sql(
                        "SELECT (SELECT sum(length(checkpoint)) FROM checkpoints)"
                        " + (SELECT sum(length(value)) FROM writes)"
                    ).scalar_one()
                )
            )
    whole, exchanges, last = sizes
    assert exchanges < 0.6 * whole
    assert last < 0.3 * whole


async def test_failed_pruning_deletes_nothing(tmp_path: Path):
    async with (
        open_store(tmp_path / "sessions.db") as store,
        open_checkpointer(store.url, store.writer) as saver,
    ):
        graph = build(saver)
        await graph.ainvoke(session_input(TURNS), config("s1"), durability="sync")
        before = await history(graph, "s1")
        await store.writer.execute(
            [
                (
                    "CREATE TRIGGER stop BEFORE DELETE ON checkpoints "
                    "BEGIN SELECT RAISE(ABORT, 'no'); END",
                    [()],
                )
            ]
        )
        with pytest.raises(StoreError):
            await prune(saver, "s1", "last")
        assert await history(graph, "s1") == before


async def test_session_without_checkpoints_and_a_checkpointer_without_rows(tmp_path: Path):
    async with (
        open_store(tmp_path / "sessions.db") as store,
        open_checkpointer(store.url, store.writer) as saver,
    ):
        assert await prune(saver, "nobody", "last") == 0
    with pytest.raises(CheckpointError, match="InMemorySaver"):
        await prune(InMemorySaver(), "s1", "last")
