"""Sessions of the authors of MAGneT are read, and written again as they were."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from magnet.state import Attitude, Speaker
from magnet.store.formats import export_sessions
from magnet.store.records import SessionStatus
from tests.store.foreign import (
    AGELESS,
    DIALOGUE,
    generated,
    problems,
    published,
    read,
    read_one,
    write,
)

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "magnet-released-1-120.zip"

reordered = [{"message": line["message"], "role": line["role"]} for line in DIALOGUE]
timed = [{**line, "seconds": 1.5} for line in DIALOGUE]


@pytest.mark.parametrize(
    "data",
    [
        published(),
        generated(),
        dict(reversed(published().items())),
        published(dialogue=DIALOGUE[:3], history=None, note={"b": [1, None], "a": 1.0}),
        published(dialogue=reordered),
        generated(history=timed, unfinished=True),
        published(ground_truth_CBT=["Reality Testing"], AI_client={**published()["AI_client"]}),
    ],
)
def test_object_comes_back_to_the_order_of_its_keys(data: dict[str, Any], tmp_path: Path):
    session = read_one(write(tmp_path / "in" / "session_7.json", data))
    export_sessions([session], "magnet", tmp_path / "out")
    written = (tmp_path / "out" / "session_7.json").read_text(encoding="utf-8")
    assert json.dumps(json.loads(written)) == json.dumps(data)


def test_session_has_what_the_file_says(tmp_path: Path):
    session = read_one(write(tmp_path / "session_8.json", published()), method="theirs")
    assert (session.run, session.method, session.status) == (
        "old",
        "theirs",
        SessionStatus.FINISHED,
    )
    assert session.client_name == "Vera Stone"
    assert session.attitude is Attitude.NEUTRAL
    assert [(u.speaker, u.text) for u in session.utterances] == [
        (Speaker(line["role"]), line["message"]) for line in DIALOGUE
    ]
    (exchange,) = session.exchanges
    assert exchange.counselor == session.utterances[2]
    assert exchange.client == session.utterances[3]


@pytest.mark.parametrize(
    ("name", "attitude", "number"),
    [
        ("session_1.json", "positive", 1),
        ("session_8.json", "neutral", 3),
        ("session_9.json", "negative", 3),
        ("session_9.json", "positive", None),
        ("session_0.json", "positive", None),
        ("vera.json", "positive", None),
    ],
)
def test_file_is_numbered_by_its_seed(name: str, attitude: str, number: int | None, tmp_path: Path):
    session = read_one(write(tmp_path / name, published(attitude)))
    assert session.client_number == number


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (published(dialogue=[]), ["dialogue: found []; expected a list of {role, message}"]),
        (published(dialogue="Hello"), ["dialogue: found 'Hello'; expected a list"]),
        (
            generated(history=[{"role": "client", "message": "Hi"}, *DIALOGUE[1:3], "then"]),
            [
                "history > 1 > role: found 'client'; expected 'counselor': the two take turns",
                "history > 4 > role: found None; expected 'client'",
                "history > 4 > message: found None; expected text",
            ],
        ),
        (
            published(
                dialogue=None,
                AI_client={"intake_form": AGELESS, "attitude": "fine"},
                AI_counselor={},
            ),
            [
                "dialogue: found None",
                "AI_client > intake_form > Age: found nothing",
                "AI_client > attitude: found 'fine'; expected 'positive', 'neutral' or 'negative'",
                "AI_counselor > CBT: found nothing",
            ],
        ),
        (generated(example="seed 3"), ["found 'seed 3'"]),
    ],
)
def test_all_problems_come_at_once(data: dict[str, Any], said: list[str], tmp_path: Path):
    found = problems(write(tmp_path / "session_1.json", data))
    for line in said:
        assert any(problem.startswith(line) for problem in found), (line, found)


def test_published_sessions_come_back_equal(tmp_path: Path):
    if not PUBLISHED.is_file():
        pytest.skip("../shared/data, the published sessions, is not here")
    files = read(PUBLISHED)
    assert [problem for file in files for problem in file.problems] == []
    sessions = [session for file in files for session in file.sessions]
    *written, card = export_sessions(sessions, "magnet", tmp_path)
    assert len(written) == len(sessions) == 119
    assert "session_89.json" not in {path.name for path in written}
    again = read(tmp_path)
    assert [file.path.name for file in again] == [file.path.name for file in files]
    assert [s.source for file in again for s in file.sessions] == [s.source for s in sessions]
    assert {len(session.utterances) for session in sessions} == {42}
    assert card.name == "README.md"

    with zipfile.ZipFile(PUBLISHED) as archive:
        for path in written:
            assert json.loads(path.read_bytes()) == json.loads(archive.read(path.name)), path.name
