"""The forms that models are trained on: the counselor is the assistant, and every line is alike."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from magnet.state import exchanges_of
from magnet.store.formats import ExportError, export_sessions
from magnet.store.records import Session, SessionStatus
from tests.store.foreign import published, read_one, write
from tests.store.made import a_session, a_state


def played(session_id: str = "s1", **changes: Any) -> Session:
    state = a_state()
    made = {
        "status": SessionStatus.FINISHED,
        "end_reason": state["end"],
        "plan": state["plan"],
        "utterances": tuple(state["utterances"]),
        "exchanges": tuple(exchanges_of(state)),
    }
    return a_session(session_id, **(made | changes))


def lines(sessions: list[Session], format: str, folder: Path) -> list[dict[str, Any]]:
    file, _ = export_sessions(sessions, format, folder)
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


def test_sharegpt(tmp_path: Path):
    (line,) = lines([played()], "sharegpt", tmp_path)
    system, *turns = line["conversations"]
    assert system["from"] == "system"
    assert [(turn["from"], turn["value"]) for turn in turns] == [
        ("gpt", "Welcome."),
        ("human", "I don't sleep 😴."),
        ("gpt", "Since when?"),
        ("human", "Since spring."),
    ]
    assert (line["id"], line["finished"]) == ("s1", True)


def test_openai(tmp_path: Path):
    (line,) = lines([played()], "openai", tmp_path)
    assert line.keys() == {"messages"}, "OpenAI refuses other fields"
    roles = [message["role"] for message in line["messages"]]
    assert roles == ["system", "assistant", "user", "assistant", "user"]
    assert line["messages"][1]["content"] == "Welcome."


@pytest.mark.parametrize(("format", "field"), [("sharegpt", "value"), ("openai", "content")])
def test_system_message_tells_what_the_counselor_may_know(format: str, field: str, tmp_path: Path):
    (line,) = lines([played()], format, tmp_path)
    (turns,) = (value for value in line.values() if isinstance(value, list))
    text = turns[0][field]
    assert "Name: Zoë Nguyễn" in text
    assert "我睡不着。" in text
    assert "Sleep." not in text, "the presenting problem is the client's"
    assert "negative" not in text, "the attitude is the client's"


@pytest.mark.parametrize("format", ["sharegpt", "openai"])
def test_schema_is_uniform(format: str, tmp_path: Path):
    imported = read_one(write(tmp_path / "session_1.json", published()))
    unfinished = played("s2", status=SessionStatus.RUNNING, utterances=played().utterances[:2])

    def shape(value: object) -> object:
        if isinstance(value, dict):
            return {name: shape(item) for name, item in value.items()}
        if isinstance(value, list):
            assert len({json.dumps(shape(item)) for item in value}) == 1
            return [shape(value[0])]
        return type(value).__name__

    shapes = [shape(line) for line in lines([played(), imported, unfinished], format, tmp_path)]
    assert shapes[0] == shapes[1] == shapes[2]


def test_parquet_opens_in_pandas(tmp_path: Path):
    pandas = pytest.importorskip("pandas")
    pytest.importorskip("pyarrow")
    imported = read_one(write(tmp_path / "session_1.json", published()))
    export_sessions([played(), imported], "parquet", tmp_path)
    frame = pandas.read_parquet(tmp_path / "sessions.parquet")
    ours, theirs = frame.to_dict("records")
    assert (ours["id"], ours["attitude"], ours["turns"]) == ("s1", "negative", 2)
    assert (ours["cbt_technique"], ours["seed"]) == ("Decatastrophizing", 5)
    assert json.loads(ours["models"])["client"] == "fake"
    assert (ours["calls"], ours["prompt_tokens"]) == (9, 9 * 90)
    assert ours["created"] == played(created=ours["created"]).created
    assert [said["text"] for said in ours["utterances"]][2:] == ["Since when?", "Since spring."]
    assert theirs["cbt_technique"] == 'I would choose "Reality Testing".'
    assert frame["seed"].isna().tolist() == [False, True]


def test_parquet_has_one_schema_whatever_it_holds(tmp_path: Path):
    parquet = pytest.importorskip("pyarrow.parquet")
    for name, session in (("full", played()), ("bare", a_session())):
        export_sessions([session], "parquet", tmp_path / name)
    full, bare = (
        parquet.read_schema(tmp_path / name / "sessions.parquet") for name in ("full", "bare")
    )
    assert full.equals(bare)


def test_missing_pyarrow_is_told_with_its_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ExportError, match="the extra 'data'"):
        export_sessions([played()], "parquet", tmp_path / "out")
    assert not list((tmp_path / "out").iterdir())
