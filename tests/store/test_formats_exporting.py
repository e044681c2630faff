"""What an export writes where, what it leaves alone, and what its card says."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from magnet.state import Attitude, SessionSettings
from magnet.store.formats import CardMeasure, ExportError, export_formats, export_sessions
from magnet.store.records import Session, SessionStatus
from tests.state.intake_samples import seed
from tests.store.foreign import published, read_one, write
from tests.store.made import a_client
from tests.store.test_formats_training import played


def of_seed(number: int, attitude: Attitude, method: str = "magnet", **changes: Any) -> Session:
    client = a_client(number).model_copy(
        update={"attitude": attitude, "source": seed(attitude=attitude.value)}
    )
    return played(client=client, settings=SessionSettings(method=method), **changes)


def names(files: list[Path], folder: Path) -> list[str]:
    return [file.relative_to(folder).as_posix() for file in files]


def test_sessions_of_seeds_are_numbered_as_in_the_file_of_seeds(tmp_path: Path):
    sessions = [
        of_seed(2, Attitude.NEGATIVE),
        of_seed(1, Attitude.POSITIVE),
        of_seed(2, Attitude.NEGATIVE),
        played(),
    ]
    files = export_sessions(sessions, "magnet", tmp_path)
    assert names(files, tmp_path) == [
        "session_1.json",
        "session_6.json",
        "session_7.json",
        "session_8.json",
        "README.md",
    ]
    written = json.loads(files[1].read_bytes())
    assert written["AI_client"]["attitude"] == "negative"
    assert [line["message"] for line in written["dialogue"]][:2] == [
        "Welcome.",
        "I don't sleep 😴.",
    ]


def test_each_method_has_its_folder(tmp_path: Path):
    sessions = [of_seed(1, Attitude.POSITIVE, method) for method in ("magnet", "a/../b")]
    files = export_sessions(sessions, "magnet", tmp_path)
    assert names(files, tmp_path) == [
        "magnet/session_1.json",
        "a-..-b/session_1.json",
        "README.md",
    ]


@pytest.mark.parametrize("format", export_formats())
def test_export_is_replaced_by_the_next_one(format: str, tmp_path: Path):
    first = export_sessions([played()], format, tmp_path / "new" / "folder")
    second = export_sessions([played(error="other")], format, tmp_path / "new" / "folder")
    assert first == second
    assert sorted((tmp_path / "new" / "folder").iterdir()) == sorted(first), "nothing half written"


def test_file_can_be_named(tmp_path: Path):
    files = export_sessions([played()], "openai", tmp_path / "train.jsonl")
    assert names(files, tmp_path) == ["train.jsonl", "README.md"]


def test_foreign_readme_is_left_alone(tmp_path: Path):
    write(tmp_path / "README.md", "# My project")
    with pytest.raises(ExportError, match=r"README\.md: is no card.*with out"):
        export_sessions([played()], "jsonl", tmp_path / "sessions.jsonl")
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text() == "# My project"


def test_sessions_of_another_export_are_not_mixed_in(tmp_path: Path):
    write(tmp_path / "session_9.json", "{}")
    with pytest.raises(ExportError, match=r"another export \(session_9\.json\)"):
        export_sessions([of_seed(1, Attitude.POSITIVE)], "magnet", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["session_9.json"]


def test_no_session_is_an_error(tmp_path: Path):
    with pytest.raises(ExportError, match="need unfinished"):
        export_sessions([], "jsonl", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_place_that_cannot_be_written_is_named(tmp_path: Path):
    write(tmp_path / "file", "")
    with pytest.raises(ExportError, match=r"file.*cannot be written"):
        export_sessions([played()], "jsonl", tmp_path / "file" / "folder")


def test_unfinished_sessions_are_flagged(tmp_path: Path):
    sessions = [of_seed(1, Attitude.POSITIVE, status=SessionStatus.RUNNING, end_reason=None)]
    files = export_sessions(sessions, "magnet", tmp_path)
    assert json.loads(files[0].read_bytes())["unfinished"] is True
    assert "1, of which 1 unfinished: s1" in files[-1].read_text()


def test_card_says_what_the_sessions_are(tmp_path: Path):
    imported = read_one(write(tmp_path / "session_1.json", published()))
    measure = CardMeasure(
        label="things | done", share=0.25, published=0.5, at_least=0.2, at_most=0.4
    )
    *_, card = export_sessions(
        [played(), played("s2", models={"client": "vllm:m"}, run="r"), imported],
        "jsonl",
        tmp_path / "out",
        licence="cc-by-4.0",
        measures=[measure],
    )
    text = card.read_text(encoding="utf-8")
    for line in (
        "license: cc-by-4.0",
        "- Sessions: 3",
        "- Format: jsonl, sessions.jsonl",
        "- Licence: cc-by-4.0",
        "- Runs: old, r",
        "- Session seeds: 5",
        "| magnet | negative | client | 2 |",
        "| imported-magnet | neutral | not stated | 1 |",
        "| magnet | client | fake | 1 |",
        "| magnet | client | vllm:m | 1 |",
        "| magnet | 0123abcd | shared | 2 |",
        "| generated utterances of a session | 2 | 2 | 2 |",
        "18 model calls, 1,620 prompt tokens (720 from a cache), 540 completion tokens.",
        r"| things \| done | 25.0% | 50.0% | at least 20%, at most 40% |",
    ):
        assert line in text.splitlines(), line


@pytest.mark.parametrize(
    "name",
    [
        "x\n---\n# Real patients",
        "x\ntags: [real]",
        "<script>alert(1)</script>",
        "[x](http://example.org) | y | `z`",
        "x: y # z",
        "true",
        "x\u2028# y",
        '"',
    ],
)
def test_names_are_no_markup_in_a_card(name: str, tmp_path: Path):
    *_, card = export_sessions(
        [replace(played(), run=name, prompt_layout=name)], "jsonl", tmp_path, licence=name
    )
    empty, head, body = card.read_text(encoding="utf-8").split("---\n", 2)
    assert not empty
    line = " ".join(name.split())
    assert yaml.safe_load(head) == {"license": line, "tags": ["synthetic", "counseling"]}
    usual = tmp_path / "usual"
    *_, plain = export_sessions(
        [replace(played(), run="x", prompt_layout="x")], "jsonl", usual, licence="x"
    )
    assert len(body.splitlines()) == len(plain.read_text(encoding="utf-8").splitlines()) - 6
    assert not re.search(r"(?<!\\)[<>`\[]", body.partition("-->")[2])
    for row in body.splitlines():
        if row.startswith("|"):
            assert len(re.findall(r"(?<!\\)\|", row)) in (3, 4, 5)


def test_card_without_a_licence_says_so(tmp_path: Path):
    *_, card = export_sessions([played()], "jsonl", tmp_path)
    text = card.read_text()
    assert "license: unknown" in text
    assert "- Licence: not stated" in text
    assert "## Flaws" not in text
