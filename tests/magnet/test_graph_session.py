"""`magnet graph --session`: the path that a session took, and what its nodes cost."""

import re
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest
from langgraph.constants import END, START
from langgraph.runtime import RunControl

from magnet.graph import build_graph, load_methods
from magnet.graph.drawing import NodeMark, draw
from magnet.models.endpoints import Endpoints
from magnet.models.settings import load_settings
from magnet.sessions.example_forms import default_intake
from magnet.sessions.path import SessionPath, find_path, path_of
from magnet.sessions.reading import load_session
from magnet.sessions.runner import NodeDone, create_session, play_session, session_settings
from magnet.sessions.workspace import open_workspace
from magnet.state import EndReason, ExchangeRecord, Speaker, Usage, Utterance
from magnet.state.intake_files import read_clients
from magnet.state.technique import packaged_techniques
from magnet.store import CallTotals, Session, SessionStatus
from tests.magnet.commands import Magnet
from tests.store.made import a_session

METHODS = load_methods()


def states(path: SessionPath) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for node, mark in path.marks.items():
        found.setdefault(str(mark.state), set()).add(node)
    return found


def imported(status: SessionStatus = SessionStatus.FINISHED) -> Session:
    """Two exchanges of utterances alone, as published sessions have them."""

    def said(index: int, speaker: Speaker) -> Utterance:
        return Utterance(index=index, speaker=speaker, text="Yes.")

    exchanges = tuple(
        ExchangeRecord(
            index=number,
            counselor=said(2 * number, Speaker.COUNSELOR),
            client=said(2 * number + 1, Speaker.CLIENT),
        )
        for number in (1, 2)
    )
    return a_session(exchanges=exchanges, status=status)


def test_the_path_of_a_finished_session(magnet: Magnet) -> None:
    magnet("run", "--model", "fake", "--turns", 4, "--session", "s1", "--seed", 3)
    drawing = magnet("graph", "--session", "s1").out
    nodes = ["planner", *packaged_techniques(), "selector", "fusion", "client", "END"]
    assert [node for node in nodes if f"[x] {node} " not in drawing] == []
    assert "turn-limit" in drawing
    assert "not taken" not in drawing
    counts = re.findall(r"(\d+)x(?:, (\d+) calls)?, \d+\.\d s", drawing)
    assert sorted(int(runs) for runs, _ in counts) == [1] + [2] * 8
    [listed] = magnet("list", "--json").json
    assert sum(int(calls or runs) for runs, calls in counts) == listed["calls"]


def test_the_path_in_every_format(magnet: Magnet, tmp_path: Path) -> None:
    magnet("run", "--model", "fake", "--method", "psych8k", "--turns", 2, "--session", "s1")
    assert "<small>1x, " in magnet("graph", "--session", "s1", "--format", "mermaid").out
    for format_ in ("svg", "png"):
        magnet("graph", "--session", "s1", "--format", format_, "--out", f"path.{format_}")
    svg = (tmp_path / "path.svg").read_text()
    assert svg.count('class="edge maybe never"') == 1  # one exchange, so no way back
    assert (tmp_path / "path.png").read_bytes().startswith(b"\x89PNG")


async def test_a_session_under_way_shows_what_comes_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAGNET_DB", str(tmp_path / "sessions.db"))
    settings = load_settings(model="fake", turns=4)
    endpoints = Endpoints(settings)
    control = RunControl()
    async with open_workspace(settings) as workspace:
        client = read_clients(default_intake())[0]
        fixed = session_settings(workspace)
        session = await create_session(workspace, client, fixed, endpoints, session_id="s1")
        playing = play_session(workspace, session, endpoints, control=control)
        async with aclosing(playing) as events:
            async for event in events:
                if isinstance(event, NodeDone) and event.node == "fusion":
                    control.request_drain("enough")
        path = await find_path(workspace, await load_session(workspace, "s1"))
    await endpoints.aclose()
    workers = {"planner", *packaged_techniques(), "selector", "fusion"}
    assert states(path) == {"done": workers, "next": {"client"}, "skipped": {END}}
    assert path.marks["client"].note is None
    assert ("reflection", "fusion") in path.taken
    assert not [step for step in path.taken if step[0] == "client"]


def test_nodes_that_left_nothing_are_skipped() -> None:
    path = path_of(imported(), METHODS["magnet"])
    assert states(path)["done"] == {"fusion", "client", END}
    assert path.marks["client"] == NodeMark("done", "2x")
    assert ("client", END) in path.taken
    graph = build_graph(METHODS["magnet"])
    assert draw(graph, "ascii", marks=path.marks, taken=path.taken).count("[-] ") == 8


def test_the_way_back_is_taken_from_the_second_exchange_on() -> None:
    session = imported(SessionStatus.RUNNING)
    back = ("client", "counselor")
    path = path_of(session, METHODS["psych8k"], upcoming=("counselor",))
    assert path.taken == {(START, "counselor"), ("counselor", "client"), back}
    assert path.marks["counselor"] == NodeMark("next", "2x")
    first = replace(session, exchanges=session.exchanges[:1])
    assert back not in path_of(first, METHODS["psych8k"]).taken


def test_notes_count_runs_calls_seconds_and_tokens() -> None:
    session = replace(imported(), end_reason=EndReason.CLIENT)
    usage = Usage(prompt=12345, completion=678)
    totals = {"client": CallTotals(calls=3, seconds=4.06, usage=usage)}
    path = path_of(session, METHODS["psych8k"], totals=totals)
    assert path.marks["client"].note == "2x, 3 calls, 4.1 s\n12.3k tokens in, 678 out"
    assert path.marks[END] == NodeMark("done", "client")


def test_what_cannot_be_drawn(magnet: Magnet) -> None:
    unknown = magnet("graph", "--session", "nobody")
    assert unknown.code == 2
    assert "nobody" in unknown.said
    both = magnet("graph", "--session", "s1", "--method", "cactus")
    assert both.code == 2
    assert "a session has a method of its own" in both.said
