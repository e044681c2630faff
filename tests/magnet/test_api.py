"""The Python API: it does what the command line does."""

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

import magnet as api
from magnet.checkpoints import session_lock
from magnet.models.fake.reply import Reply
from magnet.store import Session
from magnet.store.urls import database_url
from tests.magnet.commands import Magnet, played
from tests.magnet.endpoint import Answer, as_usual, endpoint
from tests.magnet.test_cli import breaking


def plain(session: Session) -> Any:
    return json.loads(TypeAdapter(Session).dump_json(session))


def same(one: Session, other: Session) -> bool:
    return played(plain(one)) == played(plain(other))


# the command line and the API


def test_a_session_is_that_of_the_command_line(magnet: Magnet) -> None:
    options = ("--method", "magnet-plus", "--turns", 6, "--seed", 7, "--layout", "paper")
    magnet("run", "--model", "fake", *options, "--attitude", "negative", "--session", "there")
    shown = magnet("show", "there", "--json").json
    with api.open_workspace_sync(model="fake") as workspace:
        session = workspace.play(
            api.read_client(attitude="negative"),
            method="magnet-plus",
            turns=6,
            seed=7,
            layout="paper",
            session_id="here",
        )
        assert session.status is api.SessionStatus.FINISHED
        assert plain(workspace.session("here")) == plain(session)
    assert played(plain(session)) == played(shown)
    assert session.models == shown["models"]
    assert played(magnet("show", "here", "--json").json) == played(shown)


def test_events_are_the_lines_of_the_command_line(magnet: Magnet) -> None:
    printed = magnet("run", "--model", "fake", "--turns", 4, "--json").lines
    nodes = [line["node"] for line in printed if "node" in line]
    said = [u["text"] for line in printed for u in line.get("utterances", ())]
    with api.open_workspace_sync(model="fake") as workspace:
        events = list(workspace.stream(api.read_client(), turns=4))
    assert [e.event.node for e in events if isinstance(e.event, api.NodeDone)] == nodes
    assert [u.text for event in events for u in event.utterances] == said
    assert sum(isinstance(event.event, api.Call) for event in events) == len(nodes)
    assert [event.end for event in events if event.end] == [events[-1].end]


def test_a_run_is_that_of_the_command_line(magnet: Magnet, tmp_path: Path) -> None:
    methods = ["magnet", "cactus"]
    clients = api.read_clients(attitudes=["neutral", "negative"], limit=2)
    with api.open_workspace_sync("other.db", concurrency=2, model="fake") as workspace:
        [magnet_row, cactus_row] = workspace.estimate(clients, methods, turns=4)
        assert (magnet_row.title, cactus_row.title, magnet_row.sessions) == (*methods, 4)
        assert workspace.sessions() == []
        playing = workspace.generate(clients, "pilot", methods, turns=4, seed=5)
        ends = [event.session.id for event in playing if event.end]
        outcome = playing.finish()
        assert outcome == api.RunOutcome(finished={"magnet": 4, "cactus": 4})
        again = workspace.generate(clients, "pilot", methods, turns=4, seed=5).finish()
        assert again == outcome
        made = {one.id: workspace.session(one.id) for one in workspace.sessions("pilot")}
        assert sorted(ends) == sorted(made)
        [run] = workspace.runs()
    forms = Path(api.__file__).with_name("example_intake")
    command = ("--methods", "magnet,cactus", "--attitudes", "neutral,negative", "--turns", 4)
    rest = ("--run", "pilot", "--seed", 5, "--model", "fake")
    assert magnet("generate", forms, "--limit", 2, *command, *rest).code == 0
    for id, session in made.items():
        assert played(plain(session)) == played(magnet("show", id, "--json").json)
    # The run of the one goes on with the other: their settings are equal.
    assert magnet("generate", forms, "--limit", 2, *command, *rest, "--db", "other.db").code == 0
    assert run.name == "pilot"


def test_an_export_is_that_of_the_command_line(magnet: Magnet, tmp_path: Path) -> None:
    with api.open_workspace_sync(model="fake") as workspace:
        workspace.generate(api.read_clients(limit=2), "pilot", turns=2).finish()
        [first, _] = workspace.sessions("pilot")
        [card] = [
            file
            for file in workspace.export("pilot", "here", "jsonl", licence="cc0-1.0")
            if file.name == "README.md"
        ]
        assert [Path("one.json")] == workspace.export(first.id, "one.json")
        found = workspace.import_("here/sessions.jsonl", "copy")
        assert (found.new, found.known, len(found.problems)) == (0, 0, 2)
    assert magnet("export", "pilot", "--format", "jsonl", "--out", "there", "--licence", "cc0-1.0")
    there = tmp_path / "there"
    assert card.read_bytes() == (there / "README.md").read_bytes()
    assert Path("here/sessions.jsonl").read_bytes() == (there / "sessions.jsonl").read_bytes()
    assert Path("one.json").read_text() == magnet("export", first.id).out
    with api.open_workspace_sync("other.db") as workspace:
        found = workspace.import_("here", "copy")
        assert (found.new, found.problems) == (2, ())
        assert {one.run for one in workspace.sessions()} == {"copy"}


def test_a_picture_is_that_of_the_command_line(magnet: Magnet, tmp_path: Path) -> None:
    with api.open_workspace_sync(model="fake") as workspace:
        workspace.play(api.read_client(), turns=2, session_id="abc")
        method, path = workspace.graph("cactus"), workspace.graph(session="ab")
        assert set(workspace.calls("abc")) != set()
        for form, name in (("svg", "a.svg"), ("mermaid", "a.mmd"), ("ascii", "a.txt")):
            magnet("graph", "--method", "cactus", "--format", form, "--out", "there")
            file = method.save(name)
            assert file.read_text().rstrip() == Path("there").read_text().rstrip()
        assert method.png.startswith(b"\x89PNG")
        assert method.mermaid != path.mermaid
        assert path._repr_svg_() == path.svg  # pyright: ignore[reportPrivateUsage]  # Jupyter's
        with pytest.raises(api.BadUseError, match=r"\.svg"):
            path.save("a.gif")
        with pytest.raises(api.BadUseError, match="a session has its own"):
            workspace.graph("cactus", session="abc")
        magnet("graph", "--session", "abc", "--format", "mermaid", "--out", "there")
        assert path.mermaid.rstrip() == Path("there").read_text().rstrip()


# settings


async def test_a_calls_settings_stand_over_the_workspaces(magnet: Magnet, tmp_path: Path) -> None:
    file = tmp_path / "magnet.toml"
    file.write_text('turns = 6\nmodel = "fake"\nmodels = {client = "none:x"}\n')
    async with api.open_workspace(method="cactus", model="fake") as workspace:
        assert workspace.settings.models == {}, "a model for all stands over the file's"
        assert (workspace.settings.turns, workspace.settings.method) == (6, "cactus")
        session = await workspace.play(api.read_client(), turns=2, checks=False)
        assert session.method == "cactus"
        assert (session.settings.turn_limit, session.settings.checks) == (2, False)
        session = await workspace.play(api.read_client(), method="psych8k", min_turns=2)
        assert (session.method, session.settings.turn_limit) == ("psych8k", 6)
        with pytest.raises(api.BadUseError, match="none"):
            await workspace.play(api.read_client(), models={"client": "none:x"})


async def test_a_calls_table_is_put_over_the_workspaces_entry_by_entry(magnet: Magnet) -> None:
    sampling: Any = {"client": {"temperature": 0.1}, "planner": {"temperature": 0.2}}
    async with api.open_workspace(
        model="fake", turns=2, sampling=sampling, director={"risk": False}
    ) as workspace:
        session = await workspace.play(
            api.read_client(),
            method="magnet-plus",
            sampling={"client": {"temperature": 0.9}},
            director={"novelty": False},
        )
    temperature = {role: used["temperature"] for role, used in plain(session)["models"].items()}
    assert (temperature["client"], temperature["planner"]) == (0.9, 0.2)
    assert session.settings.director
    assert (session.settings.director.risk, session.settings.director.novelty) == (False, False)
    assert session.settings.director.phases


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: api.open_workspace(modle="fake"), "'modle'; did you mean model"),  # type: ignore
        (lambda: api.open_workspace(turns=3), "turns: .*multiple of 2"),
        (lambda: api.open_workspace().stream(None, trns=3), "'trns'; did you mean turns"),  # type: ignore
        (
            lambda: api.open_workspace().stream(None, prompts_dir="x"),  # type: ignore
            "prompts_dir is a setting of the workspace",
        ),
        (lambda: api.open_workspace().stream(None, turns=0), "turns: "),  # type: ignore
        (lambda: api.read_clients(attitudes=["angry"]), "attitude: .*neutral.*'angry'"),
        (lambda: api.read_clients(limit=0), "limit: .*at least 1"),
        (lambda: api.read_client("nowhere.yaml"), "no such file"),
        (lambda: api.read_client(client=99), "no such client"),
    ],
)
def test_what_cannot_be_used_is_refused_at_once(
    magnet: Magnet, call: Callable[[], object], told: str
) -> None:
    with pytest.raises(api.BadUseError, match=told):
        call()


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda w: w.play(api.read_client(), method="cacti"), "did you mean cactus"),
        (lambda w: w.play(api.read_client(), seed=-1), "seed: expected 0 to"),
        (lambda w: w.play(api.read_client(), stop_at=["nobody"]), "no such node"),
        (lambda w: w.session("nobody"), "no session has the id"),
        (lambda w: w.sessions("nowhere"), "no run is named"),
        (lambda w: w.sessions(status="done"), "status: expected one of pending"),
        (lambda w: w.resume("nobody").finish(), "no session has the id"),
        (lambda w: w.graph("cacti"), "did you mean cactus"),
        (lambda w: w.export("nobody", "x"), "no run is named"),
    ],
)
async def test_what_is_not_there_is_named(
    magnet: Magnet, call: Callable[[api.AsyncWorkspace], Any], told: str
) -> None:
    async with api.open_workspace(model="fake") as workspace:
        with pytest.raises(api.MagnetError, match=told):
            await call(workspace)


async def test_a_workspace_that_is_not_open(magnet: Magnet) -> None:
    workspace = api.open_workspace(model="fake")
    with pytest.raises(api.BadUseError, match="not open"):
        await workspace.play(api.read_client())
    assert await workspace is workspace
    await workspace.play(api.read_client(), turns=2)
    await workspace.close()
    with pytest.raises(api.BadUseError, match="not open"):
        await workspace.sessions()
    await workspace.close()


# stopping and going on


async def whole(workspace: api.AsyncWorkspace) -> Session:
    return await workspace.play(api.read_client(), turns=6, session_id="whole")


async def test_a_loop_that_is_left_stops_the_session(magnet: Magnet) -> None:
    async with api.open_workspace(model="fake") as workspace:
        async for event in workspace.stream(api.read_client(), turns=6, session_id="abc"):
            if event.utterances:
                break
        await asyncio.sleep(0.3)
        said = len((await workspace.session("abc")).utterances)
        await asyncio.sleep(0.3)
        assert len((await workspace.session("abc")).utterances) == said < 8
        events = [event async for event in workspace.resume("abc")]
        assert events[-1].end
        assert same(await workspace.session("abc"), await whole(workspace))


async def test_a_cancelled_session_is_resumed_to_the_same_end(
    magnet: Magnet, tmp_path: Path
) -> None:
    loop = asyncio.get_running_loop()
    playing: list[asyncio.Task[Session]] = []

    def cancelling(reply: Reply) -> Answer:
        if ours.agents.count("client") == 2:
            loop.call_soon_threadsafe(playing[0].cancel)
            time.sleep(0.3)
        return as_usual(reply)

    with endpoint(cancelling) as ours:
        ours.declare(tmp_path)
        async with api.open_workspace(model="ours:m") as workspace:
            play = workspace.play(api.read_client(), turns=6, session_id="abc")
            playing.append(asyncio.create_task(play))
            with pytest.raises(asyncio.CancelledError):
                await playing[0]
            session = await workspace.session("abc")
            assert session.status is api.SessionStatus.RUNNING
            assert 2 < len(session.utterances) < 8
            ours.answer = as_usual
            asked = len(ours.agents)
            outcome = await workspace.resume().finish()
            assert outcome == api.RunOutcome(finished={"magnet": 1})
            assert len(ours.agents) > asked
            assert same(await workspace.session("abc"), await whole(workspace))


async def test_a_stopped_session_ends_its_step(magnet: Magnet) -> None:
    async with api.open_workspace(model="fake") as workspace:
        playing = workspace.stream(api.read_client(), turns=6, session_id="abc")
        async for event in playing:
            if event.utterances:
                playing.stop()
        session = await playing.finish()
        assert session.status is api.SessionStatus.RUNNING
        assert 2 < len(session.utterances) < 8
        assert (await workspace.resume("abc").finish()).left == 0
        assert same(await workspace.session("abc"), await whole(workspace))


async def test_closing_stops_what_is_played(magnet: Magnet) -> None:
    async with api.open_workspace(model="fake") as workspace:
        playing = workspace.generate(api.read_clients(limit=3), "pilot", turns=6)
        await anext(playing)
    with pytest.raises(api.MagnetError, match="can be resumed"):
        await playing.finish()
    async with api.open_workspace(model="fake") as workspace:
        outcome = await workspace.resume("pilot").finish()
        assert outcome == api.RunOutcome(finished={"magnet": 3})


async def test_a_breakpoint(magnet: Magnet) -> None:
    async with api.open_workspace(model="fake") as workspace:
        playing = workspace.stream(api.read_client(), turns=4, stop_at=["fusion"], session_id="abc")
        events = [event.event async for event in playing]
        assert isinstance(events[-1], api.Stopped)
        assert events[-1].nodes == ("fusion",)
        session = await playing.finish()
        assert session.exchanges[0].candidates
        assert not session.exchanges[0].counselor
        [event] = [event async for event in workspace.resume("abc") if event.end]
        assert event.session.id == "abc"


async def test_what_fails_is_told_and_resumed_with_another_model(
    magnet: Magnet, tmp_path: Path
) -> None:
    with endpoint(breaking("fusion", at=1)) as ours:
        ours.declare(tmp_path)
        async with api.open_workspace(model="ours:m", turns=2) as workspace:
            with pytest.raises(api.MagnetError, match="refused the call"):
                await workspace.play(api.read_client(), session_id="one")
            outcome = await workspace.generate([api.read_client()], "pilot").finish()
            assert (outcome.left, len(outcome.failed)) == (1, 1)
            outcome = await workspace.resume().finish()
            assert (outcome.left, set(outcome.failed)) == (2, {"one", *outcome.failed})
            assert all("no more" in reason for reason in outcome.failed.values())
            async with session_lock(database_url(tmp_path / "sessions.db"), "one"):
                outcome = await workspace.resume(model="fake").finish()
                assert outcome == api.RunOutcome(finished={"magnet": 1}, busy=("one",), left=1)
            ours.answer = as_usual
            outcome = await workspace.resume("one", models={"fusion": "fake"}).finish()
            assert outcome.left == 0
            assert (await workspace.session("one")).model_ids["client"] == "ours:m"
