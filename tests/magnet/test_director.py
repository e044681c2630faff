"""A directed session through the commands: its switches, its record, and going on after a kill."""

import json
from pathlib import Path
from typing import Any

import pytest

from magnet.graph import load_methods
from magnet.state import DirectorParts, Farewell
from magnet.state.languages import load_language
from tests.magnet.commands import Magnet, end, played, start
from tests.magnet.endpoint import as_usual, endpoint
from tests.magnet.test_cli import breaking

pytestmark = pytest.mark.slow

FORMS = Path(__file__).parents[2] / "examples" / "intake"
PLUS = ("--model", "fake", "--method", "magnet-plus")
OWN_METHOD = """\
[alone]
summary = "One counselor with a director"
planner = "planner-plus"
counselor = "counselor-cactus"
client = "client-plus"
director = "screen"
feelings = "feelings"
"""


def shown(magnet: Magnet, session: str = "one") -> Any:
    return magnet("show", session, "--json").json


def directions(record: Any) -> list[dict[str, Any]]:
    return [exchange["direction"] for exchange in record["exchanges"]]


def test_a_session_is_played_to_its_closing_and_shown(magnet: Magnet) -> None:
    run = magnet("run", *PLUS, "--turns", 40, "--session", "one", "--seed", 2)
    assert run.code == 0, run.said
    assert "director: opening, step 1; client: " in run.said
    assert "feelings: valence" in run.said
    told = magnet("show", "one").said
    assert "director: opening, step 1" in told
    record = shown(magnet)
    last = directions(record)[-1]
    assert last["ending"]["farewell"] == Farewell.GOODBYE
    assert load_language().speech.closing_cue.search(record["utterances"][-2]["text"])
    assert len(record["plan"]["candidates"]) == 3
    assert record["settings"]["director"] == DirectorParts().model_dump()


def test_the_form_with_passive_suicidal_thoughts_is_asked_about_at_once(magnet: Magnet) -> None:
    [form] = FORMS.glob("06-*.yaml")
    assert magnet("run", form, *PLUS, "--turns", 8, "--session", "one").code == 0
    record = shown(magnet)
    assert directions(record)[0]["risk"]["address"] == ["self-harm"]
    assert record["utterances"][2]["making"]["repairs"][-1] == "safety-self-harm-help"
    assert "risk: self-harm, lexicon" in magnet("show", "one", "--turn", 1).said


def test_switches_are_read_from_the_settings_and_stay_with_the_session(
    magnet: Magnet, tmp_path: Path
) -> None:
    toml = tmp_path / "magnet.toml"
    toml.write_text("[director]\nrisk = false\ninner_life = false\n", encoding="utf-8")
    stopped = magnet(
        "run", *PLUS, "--turns", 6, "--session", "one", "--stop-at", "fusion", "--stop-when", "turn"
    )
    assert stopped.code == 0, stopped.said
    toml.unlink()
    assert magnet("resume", "one").code == 0
    for direction in directions(shown(magnet)):
        assert direction["risk"] is direction["manner"] is None
        assert direction["phase"] is not None


def test_a_run_does_not_go_on_with_other_parts(magnet: Magnet, tmp_path: Path) -> None:
    run = ("generate", FORMS, "--run", "r", "--methods", "magnet-plus", "--model", "fake")
    run = (*run, "--turns", 2, "--limit", 1)
    assert magnet(*run).code == 0
    (tmp_path / "magnet.toml").write_text("[director]\nnovelty = false\n", encoding="utf-8")
    refused = magnet(*run)
    assert refused.code == 2
    assert "director" in refused.said
    assert magnet("resume", "r").code == 0


def test_an_unknown_part_is_named(magnet: Magnet, tmp_path: Path) -> None:
    (tmp_path / "magnet.toml").write_text("[director]\nmoods = false\n", encoding="utf-8")
    refused = magnet("run", *PLUS)
    assert refused.code == 2
    assert "director.moods" in refused.said


def test_a_method_of_the_users_own_takes_the_director(magnet: Magnet, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN_METHOD, encoding="utf-8")
    (tmp_path / "magnet.toml").write_text('methods_file = "own.toml"\n', encoding="utf-8")
    run = magnet("run", "--model", "fake", "--method", "alone", "--turns", 8, "--session", "one")
    assert run.code == 0, run.said
    record = shown(magnet)
    assert [d["exchange"] for d in directions(record)] == [1, 2, 3, 4]
    assert load_language().speech.closing_cue.search(record["utterances"][-2]["text"])


def test_a_director_comes_with_feelings(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(OWN_METHOD.replace('feelings = "feelings"\n', ""), encoding="utf-8")
    with pytest.raises(ValueError, match="director needs feelings"):
        load_methods(path)


@pytest.mark.parametrize("agent", ["feelings", "screen", "client"])
def test_a_broken_off_session_is_resumed_to_the_same_end(
    magnet: Magnet, tmp_path: Path, agent: str
) -> None:
    options = ("--model", "ours:m", "--method", "magnet-plus", "--turns", 8)
    with endpoint(breaking(agent, at=2)) as ours:
        ours.declare(tmp_path)
        assert magnet("run", *options, "--session", "broken").code == 1
        ours.answer = as_usual
        assert magnet("resume", "broken").code == 0
        assert magnet("run", *options, "--session", "whole").code == 0
    assert played(shown(magnet, "broken")) == played(shown(magnet, "whole"))


def test_a_killed_session_is_resumed_to_the_same_end(magnet: Magnet, tmp_path: Path) -> None:
    process = start(tmp_path, "run", *PLUS, "--turns", 16, "--session", "killed", "--json")
    assert process.stdout
    for line in process.stdout:
        if json.loads(line).get("node") == "director":
            break
    process.kill()
    process.communicate()
    resumed = end(start(tmp_path, "resume", "killed"))
    assert resumed.code == 0, resumed.said
    assert magnet("run", *PLUS, "--turns", 16, "--session", "whole").code == 0
    assert played(shown(magnet, "killed")) == played(shown(magnet, "whole"))


def test_what_the_director_decided_can_be_read_back_changed_and_replayed(magnet: Magnet) -> None:
    assert magnet("run", *PLUS, "--turns", 6, "--session", "one").code == 0
    assert magnet("replay", "one").code == 0
    steps = magnet("history", "one", "--json").json
    assert any("directions.2" in step["changed"] for step in steps)
    assert "director" in magnet("graph", "--session", "one").said
    forked = magnet(
        *("fork", "one", "--at", "turn:2", "--set", "affects.1.trust=0.9", "--session", "two")
    )
    assert forked.code == 0, forked.said
    assert magnet("resume", "two").code == 0
    assert shown(magnet, "two")["exchanges"][0]["affect"]["trust"] == 0.9


def test_an_export_comes_back_with_every_direction(magnet: Magnet, tmp_path: Path) -> None:
    run = ("generate", FORMS, "--run", "r", "--methods", "magnet-plus", "--model", "fake")
    assert magnet(*run, "--turns", 6, "--limit", 2).code == 0
    assert magnet("export", "r", "--format", "jsonl", "--out", "out").code == 0
    other = ("--db", "other.db")
    assert magnet("import", "out", "--run", "again", *other).code == 0
    for row in magnet("list", "--json").json:
        before = shown(magnet, row["session"])
        after = magnet("show", row["session"], "--json", *other).json
        assert played(after) == played(before)
        assert all(directions(after))


def test_a_session_without_feelings_is_played_to_its_end(magnet: Magnet) -> None:
    Path("magnet.toml").write_text("[director]\ninner_life = false\naffect_guard = false\n")
    call = ("run", "--method", "magnet-plus", "--model", "fake", "--turns", 4)
    outcome = magnet(*call, "--session", "s")
    assert outcome.code == 0 and "feelings" not in outcome.out
    assert magnet(*call, "--json").code == 0


def test_a_fork_to_a_step_that_the_plan_lacks_stays_at_the_last(magnet: Magnet) -> None:
    magnet("run", "--method", "magnet-plus", "--model", "fake", "--turns", 8, "--session", "s")
    step = "directions.2.progress.step=9"
    assert magnet("fork", "s", "--at", "turn:4", "--session", "f", "--set", step).code == 0
    assert magnet("resume", "f").code == 0
    shown = magnet("show", "f", "--json").json
    steps = len(shown["plan"]["plan"]["steps"])
    assert shown["exchanges"][2]["direction"]["progress"]["step"] <= steps
