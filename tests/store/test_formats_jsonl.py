"""The project's own format gives back every session as it was."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from magnet.state import (
    Candidate,
    DirectorParts,
    SessionSettings,
    Utterance,
    exchanges_of,
)
from magnet.state.utterance import Speaker
from magnet.store.formats import export_sessions
from magnet.store.records import Session, SessionStatus
from tests.store.foreign import problems, published, read, read_one, write
from tests.store.made import PROVENANCE, a_session, a_state, directed, weighed
from tests.store.test_round_trips import json_values, moments, texts

STATE = a_state()
said = st.lists(st.tuples(texts, st.booleans()), min_size=2, max_size=6).map(
    lambda lines: tuple(
        Utterance(
            index=index,
            speaker=(Speaker.COUNSELOR, Speaker.CLIENT)[index % 2],
            text=text,
            provenance=PROVENANCE if made else None,
        )
        for index, (text, made) in enumerate(lines)
    )
)
sessions = st.builds(
    a_session,
    session_id=texts.filter(bool),
    run=st.just("old"),
    models=st.dictionaries(texts, json_values, max_size=3),
    status=st.sampled_from(SessionStatus),
    error=st.none() | texts,
    plan=st.sampled_from([None, STATE["plan"], weighed(STATE["plan"])]),
    utterances=said,
    exchanges=st.sampled_from([(), tuple(exchanges_of(STATE))])
    | directed(texts).map(lambda exchange: (exchange,)),
    settings=st.sampled_from([None, DirectorParts(risk=False)]).map(
        lambda parts: SessionSettings(seed=5, director=parts)
    ),
    parent=st.none() | texts,
    created=moments,
    updated=moments,
)


def test_a_line_holds_all_of_a_session(tmp_path: Path):
    candidate = Candidate(exchange=1, technique="reflection", text="…\u2028", provenance=PROVENANCE)
    (exchange,) = exchanges_of(STATE)
    session = a_session(
        run="old",
        status=SessionStatus.FINISHED,
        end_reason=STATE["end"],
        plan=STATE["plan"],
        utterances=tuple(STATE["utterances"]),
        exchanges=(exchange.model_copy(update={"candidates": (candidate,)}),),
    )
    export_sessions([session], "jsonl", tmp_path)
    assert read_one(tmp_path) == session


@settings(max_examples=40, deadline=None)
@given(st.lists(sessions, min_size=1, max_size=4))
def test_whatever_was_said_comes_back_equal(written: list[Session]):
    with tempfile.TemporaryDirectory() as folder:
        export_sessions(written, "jsonl", Path(folder) / "all.jsonl")
        (file,) = read(Path(folder) / "all.jsonl")
    assert file.problems == ()
    assert list(file.sessions) == written


def test_imported_session_keeps_its_source(tmp_path: Path):
    imported = read_one(write(tmp_path / "session_5.json", published()))
    export_sessions([imported], "jsonl", tmp_path / "own")
    assert read_one(tmp_path / "own") == imported


def test_run_and_method_are_those_of_the_import(tmp_path: Path):
    export_sessions([a_session(run="first")], "jsonl", tmp_path)
    session = read_one(tmp_path, method="ours")
    expected = a_session().settings.model_copy(update={"method": "ours"})
    assert (session.run, session.settings) == ("old", expected)


def test_every_broken_line_is_told(tmp_path: Path):
    export_sessions([a_session()], "jsonl", tmp_path)
    file = tmp_path / "sessions.jsonl"
    good = file.read_text(encoding="utf-8")
    data = json.loads(good)
    lines = [
        {**data, "format": "magnet-session-9"},
        {**data, "client": {**data["client"], "attitude": "fine"}, "status": "gone"},
        {name: value for name, value in data.items() if name != "id"},
    ]
    write(file, "\n".join([good, *map(json.dumps, lines), '{"a": ', "[1]"]))
    found = problems(file)
    assert [line.partition(": found")[0] for line in found] == [
        "line 3 > format",
        "line 4 > client > attitude",
        "line 4 > status",
        "line 5 > id",
        "line 6 > line 1 column 6",
        "line 7",
    ]
    assert "magnet-session-1" in found[0]
    assert "found nothing" in found[3]


def test_equal_sessions_make_equal_lines(tmp_path: Path):
    session = a_session()
    export_sessions([session, replace(session)], "jsonl", tmp_path)
    first, second = (tmp_path / "sessions.jsonl").read_bytes().splitlines()
    assert first == second
