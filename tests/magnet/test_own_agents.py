"""Techniques, agents and methods that are not the project's own, through the command line."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from magnet.state.technique import packaged_techniques
from tests.magnet.commands import Magnet, environment

pytestmark = pytest.mark.slow

SIX = """\
[techniques.gentle-humor]
does = "find something light in what happened, without making fun of anybody"

[six]
summary = "MAGneT with a specialist for humor"
planner = "planner"
specialists = ["gentle-humor", "reflection", "questioning", "solutions", "normalizing",
  "psycho-education"]
selector = "selector"
fusion = "fusion"
"""
HUMOR = """\
setting: counselor
voice: counselor
sees: [client_information, reason, dialogue]
instruction: |
  Write the counselor's next words as somebody who sees the light side of a hard day.
"""
ORDER = ["gentle-humor", *packaged_techniques()]
# The drafts are chosen from once they are there, by an agent of another distribution.
CHOOSER = """\
from magnet.nodes import Agent, Stage
from magnet.nodes.selector import selector

CHOOSER = Agent(
    name="chooser",
    factory=selector,
    role="selector",
    stage=Stage.REVIEW,
    writes="selection",
    shows=frozenset({"techniques"}),
    needs=frozenset({"specialists"}),
    slot="supervision",
)
"""
CHOSEN_LATE = """\
[chosen-late]
summary = "Drafts first, then the choice"
specialists = ["reflection", "listening"]
chooser = "choosing"
fusion = "fusion"

[techniques.listening]
does = "say that you are there, and leave room"
"""
CHOOSING = """\
setting: selector
voice: none
sees: [dialogue, candidates]
instruction: |
  Choose from these, now that you have read the drafts:
  ${method_techniques}
"""


@pytest.fixture
def six(tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "gentle-humor.yaml").write_text(HUMOR, encoding="utf-8")
    (tmp_path / "own.toml").write_text(SIX, encoding="utf-8")
    settings = 'methods_file = "own.toml"\nprompts_dir = "prompts"\n'
    (tmp_path / "magnet.toml").write_text(settings, encoding="utf-8")


def run(magnet: Magnet, session: str, *more: object) -> None:
    options = ("--model", "fake", "--method", "six", "--turns", 20, "--seed", 1)
    played = magnet("run", *options, "--session", session, *more)
    assert played.code == 0, played.said


@pytest.mark.usefixtures("six")
def test_a_sixth_specialist_of_the_users_plays_a_session(magnet: Magnet, tmp_path: Path) -> None:
    run(magnet, "one")
    record = magnet("show", "one", "--json").json
    assert record["settings"]["techniques"] == ORDER
    for exchange in record["exchanges"]:
        assert [draft["technique"] for draft in exchange["candidates"]] == ORDER
    chosen = {name for one in record["exchanges"] for name in one["selection"]["techniques"]}
    assert "gentle-humor" in chosen
    assert chosen <= {*ORDER}
    assert "gentle-humor" in magnet("show", "one", "--turn", 1).said
    assert "gentle-humor" in magnet("graph", "--session", "one", "--format", "mermaid").out

    kept = tmp_path / "one.jsonl"
    assert magnet("export", "one", "--format", "jsonl", "--out", kept).code == 0
    [line] = kept.read_text(encoding="utf-8").splitlines()
    exported: list[dict[str, Any]] = json.loads(line)["exchanges"]
    assert [one["selection"] for one in exported] == [
        one["selection"] for one in record["exchanges"]
    ]


@pytest.mark.usefixtures("six")
def test_a_session_is_read_without_the_file_that_names_its_technique(
    magnet: Magnet, tmp_path: Path
) -> None:
    run(magnet, "one")
    before = magnet("show", "one", "--json").json
    (tmp_path / "magnet.toml").unlink()
    assert magnet("show", "one", "--json").json == before
    assert "gentle-humor" in magnet("show", "one", "--turn", 1).said


@pytest.mark.usefixtures("six")
def test_it_is_resumed_to_the_same_end(magnet: Magnet) -> None:
    run(magnet, "whole")
    run(magnet, "broken", "--stop-at", "gentle-humor", "--stop-when", "turn == 4")
    assert magnet("resume", "broken").code == 0
    texts = [
        [said["text"] for said in magnet("show", name, "--json").json["utterances"]]
        for name in ("whole", "broken")
    ]
    assert texts[0] == texts[1]


@pytest.mark.usefixtures("six")
def test_a_choice_can_only_be_changed_to_what_was_drafted(magnet: Magnet) -> None:
    run(magnet, "one")
    fork = ("fork", "one", "--at", "turn:2", "--session", "two")
    refused = magnet(*fork, "--set", "techniques.1=[juggling]")
    assert refused.code != 0
    assert "gentle-humor, reflection" in refused.said
    assert magnet(*fork, "--set", "techniques.1=[gentle-humor]").code == 0


def installed(folder: Path, points: str) -> dict[str, str]:
    """Make a distribution with these entry points, and give the variables under which it is found.

    It holds the package `late`, with an agent and a method.
    """
    package = folder / "site" / "late"
    (package / "prompts").mkdir(parents=True)
    (package / "__init__.py").write_text(CHOOSER, encoding="utf-8")
    (package / "methods.toml").write_text(CHOSEN_LATE, encoding="utf-8")
    (package / "prompts" / "choosing.yaml").write_text(CHOOSING, encoding="utf-8")
    (package / "prompts" / "listening.yaml").write_text(HUMOR, encoding="utf-8")
    about = folder / "site" / "late-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: late\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(points, encoding="utf-8")
    places = [str(folder / "site"), *filter(None, [os.environ.get("PYTHONPATH")])]
    return environment(folder, PYTHONPATH=os.pathsep.join(places))


def command(folder: Path, env: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-m", "magnet", *words]
    return subprocess.run(
        program, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=120
    )


BOTH = """\
[magnet.agents]
chooser = late:CHOOSER
[magnet.methods]
late = late
"""


def test_an_agent_and_a_method_of_another_distribution(tmp_path: Path) -> None:
    env = installed(tmp_path, BOTH)
    options = ("--model", "fake", "--method", "chosen-late", "--turns", "8", "--session", "one")
    played = command(tmp_path, env, "run", *options)
    assert played.returncode == 0, played.stderr
    record = json.loads(command(tmp_path, env, "show", "one", "--json").stdout)
    for exchange in record["exchanges"]:
        drafted = [draft["technique"] for draft in exchange["candidates"]]
        assert drafted == ["reflection", "listening"]
        assert set(exchange["selection"]["techniques"]) <= {*drafted}
    assert set(record["models"]) == {"specialist", "selector", "fusion", "client"}
    drawn = command(tmp_path, env, "graph", "--method", "chosen-late", "--format", "mermaid")
    assert drawn.returncode == 0, drawn.stderr
    assert "chooser" in drawn.stdout
    path = command(tmp_path, env, "graph", "--session", "one", "--format", "mermaid").stdout
    assert "4x" in path


@pytest.mark.parametrize(
    ("points", "expected"),
    [
        ("[magnet.agents]\nchooser = late:CHOOSING\n", "CHOOSING"),
        ("[magnet.agents]\nchooser = late:Stage\n", "Agent"),
        ("[magnet.methods]\nlate = late:CHOOSER\n", "late"),
    ],
)
def test_an_entry_point_that_gives_something_else_is_named(
    points: str, expected: str, tmp_path: Path
) -> None:
    env = installed(tmp_path, points)
    refused = command(tmp_path, env, "run", "--model", "fake", "--turns", "2")
    assert refused.returncode != 0
    assert expected in " ".join(refused.stderr.split())
