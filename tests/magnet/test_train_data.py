"""`magnet train data`: from runs to a folder, and the same messages as in play."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from magnet.evals.judging.jobs import judge_config_of
from magnet.evals.scales.files import questionnaires_of
from magnet.evals.scales.question import prompt_hash
from magnet.models.settings import load_settings
from magnet.sessions.example_forms import example_folder
from magnet.sessions.transfer import find_sessions
from magnet.sessions.workspace import open_workspace
from magnet.state import Call
from magnet.state.installing import how_to_install
from magnet.store.scores import ItemScore
from magnet.training.data import read_manifest
from tests.magnet.commands import Magnet
from tests.store.foreign import generated, write

ROLES = {"system": "system", "human": "user", "ai": "assistant"}
PLAYED = (
    *("generate", example_folder(), "--run", "pilot", "--model", "fake"),
    *("--methods", "finetuned", "--turns", 6, "--limit", 4),
)


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


async def calls_of(session: str) -> list[Call]:
    async with open_workspace(load_settings()) as workspace:
        return await workspace.store.calls.of_session(session)


def test_each_turn_of_an_example_is_what_the_method_asked_in_play(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAGNET_LOG_CALLS", "full")
    assert magnet(*PLAYED).code == 0
    made = magnet("train", "data", "pilot", "--out", "data", "--keep-duplicates")
    assert made.code == 0, made.said
    examples = [
        e for name in ("train", "valid", "test") for e in lines(tmp_path / f"data/{name}.jsonl")
    ]
    assert len(examples) == 4
    for example in examples:
        messages = [{"role": m["role"], "content": m["content"]} for m in example["messages"]]
        asked = [
            [{"role": ROLES[str(m["role"])], "content": m["content"]} for m in call.messages or ()]
            for call in asyncio.run(calls_of(example["session"]))
            if call.node == "counselor" and call.attempt == 0
        ]
        assert len(asked) == 3
        assert all(messages[: len(prompt)] == prompt for prompt in asked)
        assert len(messages) == len(asked[-1]) + 1


def test_the_command_says_what_it_made(magnet: Magnet, tmp_path: Path) -> None:
    magnet(*PLAYED)
    made = magnet("train", "data", "pilot", "--out", "data", "--examples", "utterance", "--seed", 3)
    assert made.code == 0, made.said
    manifest = read_manifest(tmp_path / "data")
    train = manifest.counts["train"]
    assert (manifest.shape, manifest.seed, manifest.runs) == ("utterance", 3, ("pilot",))
    assert f"train: 2 sessions of 2 clients, {train.examples} examples" in made.said
    assert "written to data" in made.said


def test_filters_go_by_the_flaws_of_each_session(magnet: Magnet, tmp_path: Path) -> None:
    magnet(*PLAYED)
    options = ("--out", "data", "--max", "glued=0", "--min", "counselor_questions=0")
    assert magnet("train", "data", "pilot", *options).code == 0
    assert [bound.measure for bound in read_manifest(tmp_path / "data").filters] == [
        "glued",
        "counselor_questions",
    ]
    refused = magnet("train", "data", "pilot", "--out", "data", "--max", "glue=0")
    assert (refused.code, "glued (the nearest field)" in refused.said) == (2, True)
    nothing = magnet("train", "data", "pilot", "--out", "data", "--min", "empty_client_turns=1")
    assert (nothing.code, "empty_client_turns under 1" in nothing.said) == (2, True)


async def judge_all(run: str, values: list[float]) -> None:
    """Store what a judge could have given on CTRS: one value for all items of each session."""
    async with open_workspace(load_settings()) as workspace:
        manner = judge_config_of(workspace.settings)
        _, sessions = await find_sessions(workspace, run)
        await workspace.store.scores.record(
            [
                ItemScore(
                    subject=session.id,
                    sheet=sheet.name,
                    item=item,
                    judge="strict",
                    sample=1,
                    prompt_hash=prompt_hash(sheet, manner.temperature, manner.order),
                    value=value,
                )
                for session, value in zip(sessions, values, strict=True)
                for sheet in questionnaires_of(["ctrs"])
                for item in sheet.text.items
            ]
        )


def test_filters_go_by_what_a_judge_said(magnet: Magnet, tmp_path: Path) -> None:
    magnet(*PLAYED)
    make = ("train", "data", "pilot", "--out", "data", "--min", "ctrs.total=3")
    unjudged = magnet(*make)
    assert (unjudged.code, "'magnet eval'" in unjudged.said) == (2, True)
    asyncio.run(judge_all("pilot", [4, 5, 3, 2.5]))
    assert magnet(*make).code == 2, "another judge said nothing"
    made = magnet(*make, "--judge", "strict", "--split", "paper")
    assert made.code == 0, made.said
    manifest = read_manifest(tmp_path / "data")
    assert manifest.left_out == {"ctrs.total under 3": 1}
    assert manifest.judge == "strict"
    assert "(judge: strict)" in (tmp_path / "data" / "README.md").read_text(encoding="utf-8")


def test_imported_sessions_come_with_their_licence(magnet: Magnet, tmp_path: Path) -> None:
    for number in (1, 4, 7):
        write(tmp_path / "in" / f"session_{number}.json", generated())
    magnet("import", tmp_path / "in", "--run", "old")
    refused = magnet("train", "data", "old", "--out", "data", "--keep-duplicates")
    assert (refused.code, "--licence" in refused.said) == (2, True)
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("nobody", "--out", "data"), "no run is named 'nobody'"),
        (("pilot", "--out", "data", "--max", "glued"), "glued: expected a measure and a number"),
        (("pilot", "--out", "data", "--min", "glued=nan"), "glued=nan: expected"),
        (("pilot", "--out", "data", "--split", "random"), "'random' is not one of"),
        (("pilot",), "Missing option '--out'"),
    ],
)
def test_bad_use_is_named(magnet: Magnet, arguments: tuple[str, ...], named: str) -> None:
    refused = magnet("train", "data", *arguments)
    assert (refused.code, named in refused.said) == (2, True), refused.said


def test_too_few_clients_are_named(magnet: Magnet) -> None:
    magnet("run", "--model", "fake", "--turns", 4, "--session", "abc")
    refused = magnet("train", "data", "abc", "--out", "data")
    assert (refused.code, "of 1 clients; a split needs 3" in refused.said) == (2, True)


def test_missing_transformers_are_told_with_their_extra(
    magnet: Magnet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "transformers", None)
    told = magnet("train", "data", "pilot", "--out", "data", "--tokenizer", "any")
    assert (told.code, how_to_install("train") in told.said) == (2, True)
