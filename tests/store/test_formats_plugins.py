"""A format of another distribution: what it reads comes in as what ships does."""

from collections.abc import Generator
from pathlib import Path

import pytest

from magnet.store.formats import export_formats, export_sessions, formats
from tests.store.foreign import cactus, read, read_one, write
from tests.store.test_formats_training import played

_MODULE = """
from magnet.state import Attitude, Client, IntakeForm, Opening
from magnet.store.formats import (
    BrokenObjectError, Draft, Format, OneFile, Reader, one_line_each, spoken
)
from magnet.state.intake_error import Problem
from magnet.store.source import Source


def read(data, place):
    if len(data["turns"]) < 2:
        raise BrokenObjectError([Problem(place.file, place.field("turns"), "one", "two")])
    form = IntakeForm(
        name=data["who"], age=30, gender="other", presenting_problem="p", reason="r"
    )
    opening = Opening(counselor=data["turns"][0], client=data["turns"][1])
    return Draft(
        client=Client(form=form, attitude=Attitude.NEUTRAL, opening=opening),
        utterances=spoken(data["turns"]),
        source=Source.of(data, {}, format="turns", file=place.file.name, number=place.number),
    )


TURNS = Format(
    help="turns in a list",
    write=OneFile("turns.jsonl", one_line_each(lambda session: b"{}\\n")),
    reader=Reader(expects="a talk (who, turns)", is_meant=lambda d: "turns" in d, read=read),
)
"""


@pytest.fixture(autouse=True)
def turns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[None]:
    site = tmp_path / "site"
    info = site / "turns-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: turns\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[magnet.formats]\nturns = made_up_turns:TURNS\n")
    (site / "made_up_turns.py").write_text(_MODULE)
    monkeypatch.syspath_prepend(site)
    formats.cache_clear()
    yield
    formats.cache_clear()


def test_its_objects_become_sessions_beside_others(tmp_path: Path):
    talk = {"who": "Vera", "turns": ["Hello.", "Hi.", "And?"]}
    file = write(tmp_path / "in" / "talks.json", [talk, cactus()])
    (found,) = read(file)
    own, other = found.sessions
    assert (own.method, other.method) == ("imported-turns", "imported-cactus")
    assert [u.text for u in own.utterances] == talk["turns"]
    assert own.source
    assert own.source.data == talk
    assert read_one(write(tmp_path / "in" / "one.json", talk)).client.form.name == "Vera"


def test_what_is_wrong_with_one_is_told_and_errors_say_what_is_read(tmp_path: Path):
    (broken,) = read(write(tmp_path / "a.json", {"who": "Vera", "turns": ["Hello."]}))
    assert str(broken.problems[0]).endswith("turns: found one; expected two")
    (unknown,) = read(write(tmp_path / "b.json", {"a": 1}))
    assert unknown.problems[0].expected.endswith("or a talk (who, turns)")


def test_it_is_written_beside_its_card(tmp_path: Path):
    assert list(export_formats())[-1] == "turns"
    file, card = export_sessions([played()], "turns", tmp_path / "out")
    assert (file.name, file.read_bytes()) == ("turns.jsonl", b"{}\n")
    assert "turns, turns.jsonl" in card.read_text()
