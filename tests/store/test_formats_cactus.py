"""Dialogues of CACTUS are read, and nothing of them is lost."""

from pathlib import Path
from typing import Any

import pytest

from magnet.state import Attitude
from tests.store.foreign import AGELESS, CACTUS_DIALOGUE, cactus, problems, read, read_one, write


def test_dialogue_becomes_a_session(tmp_path: Path):
    session = read_one(write(tmp_path / "cactus.json", cactus()))
    assert session.method == "imported-cactus"
    assert session.attitude is Attitude.POSITIVE
    assert session.client.form.age == 41
    assert session.client.opening.client == "I burn the bread."
    assert [u.text for u in session.utterances] == ["Hello.", "I burn the bread.", "Every day?"]


@pytest.mark.parametrize(
    ("dialogue", "texts"),
    [
        ("Counselor: A\n\nClient: B\nand b\n", ["A", "B\nand b"]),
        ("counsellor : A\nClient:B\nClient: C\nTherapist: D: e", ["A", "B\nC", "D: e"]),
        ("\ufeff \nCounselor: A\nClient: B\nCounselor:\nClient: D", ["A", "B", "", "D"]),
        ("Counselor: My client: who?\nClient: B", ["My client: who?", "B"]),
    ],
)
def test_speakers_are_told_apart(dialogue: str, texts: list[str], tmp_path: Path):
    data = cactus(dialogue=dialogue.removeprefix("\ufeff"))
    session = read_one(write(tmp_path / "cactus.json", data))
    assert [u.text for u in session.utterances] == texts


@pytest.mark.parametrize(
    "data",
    [
        cactus(),
        cactus(dialogue=CACTUS_DIALOGUE.replace("\n", "\n\n") + "\n"),
        dict(reversed(cactus(extra=None).items())),
    ],
)
def test_nothing_is_lost(data: dict[str, Any], tmp_path: Path):
    session = read_one(write(tmp_path / "cactus.json", data))
    source = session.source
    assert source is not None
    assert list(source.data) == list(data)
    kept = data.keys() - source.rebuilt
    assert {name: source.data[name] for name in kept} == {name: data[name] for name in kept}
    said = "\n".join(f"{u.speaker.value.capitalize()}: {u.text}" for u in session.utterances)
    client = (session.client.source or {})["AI_client"]
    given = {**client, "dialogue": said}
    assert {name: given[name] for name in source.rebuilt} == {
        name: data[name] for name in source.rebuilt
    }


def test_list_gives_a_session_for_each_object(tmp_path: Path):
    (file,) = read(
        write(tmp_path / "cactus.json", [cactus(), cactus(), cactus(attitude="neutral")])
    )
    assert [session.client_number for session in file.sessions] == [1, 2, 3]
    assert len({session.id for session in file.sessions}) == 3


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"dialogue": "Client: A\nCounselor: B"}, "dialogue: found 'Client: A"),
        ({"dialogue": "Hi.\nCounselor: A\nClient: B"}, "dialogue: found 'Hi."),
        ({"dialogue": "Counselor: A"}, "dialogue: found 'Counselor: A'; expected text with"),
        ({"dialogue": 7}, "dialogue: found 7"),
        ({"attitude": None}, "AI_client > attitude: found None"),
    ],
)
def test_problem_names_the_field(changes: dict[str, Any], said: str, tmp_path: Path):
    (found,) = problems(write(tmp_path / "cactus.json", cactus(**changes)))
    assert found.startswith(said)


def test_one_bad_object_keeps_its_file_out_and_every_problem_is_told(tmp_path: Path):
    objects = [cactus(), cactus(dialogue="Hi", intake_form=AGELESS), {"a": 1}, 3]
    found = problems(write(tmp_path / "cactus.json", objects))
    starts = (
        "object 2 > dialogue: found 'Hi'",
        "object 2 > AI_client > intake_form > Age: found nothing",
        "object 3: found an object with a; expected a session of MAGneT",
        "object 4: found 3; expected a session of MAGneT",
    )
    for start in starts:
        assert any(problem.startswith(start) for problem in found), (start, found)
