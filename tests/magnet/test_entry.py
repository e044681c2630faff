import asyncio
import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from magnet.entry import SessionRequest, make_graph
from magnet.state import Attitude, EndReason, Speaker
from magnet.state.intake_error import IntakeError
from tests.databases import ROOT
from tests.state.intake_samples import three, write


@pytest.fixture(autouse=True)
def on_the_fake_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAGNET_MODEL", "fake")


async def play(**request: Any) -> dict[str, Any]:
    asked: Any = SessionRequest(**json.loads(json.dumps(request)))
    return await (await make_graph()).ainvoke(asked, {"recursion_limit": 100})


async def test_plays_a_request(tmp_path: Path) -> None:
    write(tmp_path / "seeds.json", [*three("Vera Stone"), *three("Rob Reed")])
    state = await play(intake="seeds.json", name="rob", attitude="negative", turns=4, seed=3)
    assert state["client"].form.name == "Rob Reed"
    assert state["client"].attitude is Attitude.NEGATIVE
    assert [u.speaker for u in state["utterances"]] == [Speaker.COUNSELOR, Speaker.CLIENT] * 3
    assert len(state["candidates"]) == 10
    assert state["end"] is EndReason.TURN_LIMIT
    again = await play(intake="seeds.json", name="rob", attitude="negative", turns=4, seed=3)
    assert [u.text for u in again["utterances"]] == [u.text for u in state["utterances"]]


def test_plays_in_memory(tmp_path: Path) -> None:
    asyncio.run(play(turns=2))
    assert not list(tmp_path.iterdir())


async def test_every_field_has_a_default() -> None:
    state = await play(turns=2)
    assert len(state["utterances"]) == 4
    assert state["settings"].seed == 0


async def test_the_settings_choose_the_method(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAGNET_METHOD", "psych8k")
    monkeypatch.setenv("MAGNET_TURNS", "4")
    monkeypatch.setenv("MAGNET_MIN_TURNS", "4")
    state = await play()
    assert "plan" not in state
    assert state["settings"].method == "psych8k"
    assert state["settings"].min_turns == 4
    assert len(state["utterances"]) == 6


@pytest.mark.parametrize(
    "request_", [{"attitude": "sad"}, {"name": "nobody"}, {"turns": 3}, {"intake": "none.json"}]
)
async def test_a_request_that_cannot_be_played(request_: dict[str, Any]) -> None:
    with pytest.raises((ValueError, IntakeError), match=r"sad|nobody|turn|none\.json"):
        await play(**request_)


async def test_langgraph_json_names_the_graph() -> None:
    config = json.loads((ROOT / "langgraph.json").read_text(encoding="utf-8"))
    path, _, name = config["graphs"]["magnet"].partition(":")
    model_id = importlib.util.spec_from_file_location("named", ROOT / path)
    assert model_id and model_id.loader
    module = importlib.util.module_from_spec(model_id)
    model_id.loader.exec_module(module)
    nodes = (await getattr(module, name)()).get_graph().nodes
    assert {"begin", "planner", "selector", "fusion", "client"} <= set(nodes)
    assert all((ROOT / folder).is_dir() for folder in config["dependencies"])
