"""The folder of training data: its files, its manifest, its card, and what stands in the way."""

import json
from pathlib import Path
from typing import Any

import pytest

from magnet.prompts import PromptBook
from magnet.store.formats import CardMeasure, ExportError
from magnet.training.data import (
    Bound,
    DataManifest,
    DataSettings,
    TrainingDataError,
    choose_sessions,
    read_manifest,
    write_training_data,
)
from magnet.training.data.examples import PROMPT
from magnet.training.data.splits import SPLITS
from tests.training.told import a_session, clients, imported

NAMES = {"README.md", "data.json", "test.jsonl", "train.jsonl", "valid.jsonl"}
SESSIONS = clients(10)
BOOK = PromptBook()


class Words:
    """A tokenizer whose tokens are words; its template names each speaker and ends each turn."""

    name_or_path = "words"

    def apply_chat_template(self, conversation: Any, *, tokenize: bool) -> str:
        assert not tokenize
        return "".join(f"{m['role']} {m['content']} end " for m in conversation)

    def __call__(self, text: list[str], *, add_special_tokens: bool) -> Any:
        assert not add_special_tokens
        return {"input_ids": [one.split() for one in text]}


class Refusing(Words):
    def apply_chat_template(self, conversation: Any, *, tokenize: bool) -> str:
        raise ValueError("System role not supported")


def write(out: Path, *, sessions: Any = SESSIONS, given: Any = None, **options: Any):
    choice = choose_sessions(sessions, DataSettings(**(given or {})))
    return write_training_data(choice, out, options.pop("book", BOOK), **options)


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def counted(manifest: DataManifest, field: str) -> dict[str, int]:
    return {split: getattr(counts, field) for split, counts in manifest.counts.items()}


@pytest.mark.parametrize("shape", ["session", "utterance"])
def test_the_files_hold_what_the_manifest_counts(shape: str, tmp_path: Path) -> None:
    manifest = write(tmp_path / "new" / "data", given={"shape": shape})
    folder = tmp_path / "new" / "data"
    assert {path.name for path in folder.iterdir()} == NAMES
    found = {split: lines(folder / f"{split}.jsonl") for split in SPLITS}
    assert counted(manifest, "examples") == {split: len(e) for split, e in found.items()}
    assert counted(manifest, "sessions") == {"train": 24, "valid": 3, "test": 3}
    assert counted(manifest, "clients") == {"train": 8, "valid": 1, "test": 1}
    assert counted(manifest, "trained") == {"train": 72, "valid": 9, "test": 9}
    for split, examples in found.items():
        assert {e["session"] for e in examples} == set(manifest.sessions[split])
        assert {e["client"] for e in examples} == set(manifest.clients[split])
    everyone = [client for split in SPLITS for client in manifest.clients[split]]
    assert len(everyone) == len(set(everyone)) == 10


def test_the_manifest_comes_back_with_where_the_data_is_from(tmp_path: Path) -> None:
    bound = Bound(measure="m", at_most=1)
    settings = DataSettings(filters=(bound,), licence="cc-by-4.0", seed=5)
    played = [*SESSIONS, a_session(30, id="x", run="q", models={"client": "embedded"})]
    choice = choose_sessions(played, settings, {s.id: {"m": 0.0} for s in played})
    manifest = write_training_data(choice, tmp_path, BOOK)
    assert read_manifest(tmp_path) == manifest
    assert (manifest.filters, manifest.licence, manifest.seed) == ((bound,), "cc-by-4.0", 5)
    assert manifest.runs == ("q", "r")
    assert manifest.methods == {"magnet": 31}
    assert manifest.models == {"client": ("embedded",), "counselor": ("fake",)}
    assert (manifest.prompt, manifest.prompt_hash) == (PROMPT, BOOK.version([PROMPT]))
    assert manifest.counts["train"].tokens is None


def test_a_folder_without_a_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match=r"data\.json: cannot be read .*train data"):
        read_manifest(tmp_path)
    (tmp_path / "data.json").write_text('{"format": "magnet-training-data-9"}')
    with pytest.raises(TrainingDataError, match=r"data\.json: is no manifest of this version"):
        read_manifest(tmp_path)


def test_the_same_choice_is_the_same_files(tmp_path: Path) -> None:
    for name in "ab":
        write(tmp_path / name)
    assert all(
        (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
        for name in NAMES
    )


def test_training_data_is_replaced_and_what_lies_beside_it_stays(tmp_path: Path) -> None:
    write(tmp_path, given={"seed": 1})
    (tmp_path / "adapter").mkdir()
    manifest = write(tmp_path, given={"seed": 2})
    assert read_manifest(tmp_path) == manifest
    assert {path.name for path in tmp_path.iterdir()} == {*NAMES, "adapter"}


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("my own", encoding="utf-8")
    with pytest.raises(ExportError, match=r"holds README\.md and no training data"):
        write(tmp_path)
    assert [path.read_text() for path in tmp_path.iterdir()] == ["my own"]
    with pytest.raises(ExportError, match=r"README\.md: cannot be written"):
        write(tmp_path / "README.md")


def test_a_failure_leaves_the_earlier_data_as_it_was(tmp_path: Path) -> None:
    write(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(TrainingDataError, match=r"words: .*s\d+-\w+: System role not supported"):
        write(tmp_path, given={"seed": 9}, tokenizer=Refusing())
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("shape", ["session", "utterance"])
def test_tokens_are_counted_with_the_template(shape: str, tmp_path: Path) -> None:
    manifest = write(tmp_path, given={"shape": shape}, tokenizer=Words())
    assert manifest.tokenizer == "words"
    for split in SPLITS:
        examples = lines(tmp_path / f"{split}.jsonl")
        lengths = [
            sum(len(m["content"].split()) + 2 for m in e.get("messages", []))
            or sum(len(m["content"].split()) + 2 for m in e["prompt"] + e["completion"])
            for e in examples
        ]
        tokens = manifest.counts[split].tokens
        assert tokens is not None
        assert (tokens.longest, tokens.total) == (max(lengths), sum(lengths))
        assert min(lengths) <= tokens.median <= tokens.p95 <= tokens.longest
        # Twelve words and an end for each trained utterance, in both shapes.
        assert tokens.trained == 13 * manifest.counts[split].trained
    assert "by words" in (tmp_path / "README.md").read_text(encoding="utf-8")


def test_the_card_says_what_the_data_is(tmp_path: Path) -> None:
    theirs = [imported(session) for session in SESSIONS]
    flaw = CardMeasure(label="glued utterances", share=0.5, published=0.1)
    write(tmp_path, sessions=theirs, given={"licence": "gpl-2.0"}, measures=[flaw])
    card = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlicense: gpl-2.0\n")
    assert "magnet export" not in card
    assert "| glued utterances | 50.0% |" in card
    assert "Runs: r" in card
    assert "| train | 24 | 8 | 24 | 72 |" in card
    assert BOOK.version([PROMPT]) in card
    assert "Filters: none" in card
    assert str(tmp_path) not in card
