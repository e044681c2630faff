"""Plain forms become clients, and every flaw of a form is named; so do the forms of examples/."""

import pickle
from pathlib import Path

import pytest
import yaml

from magnet.state.attitude import Attitude
from magnet.state.intake import UNKNOWN, IntakeForm
from magnet.state.intake_error import IntakeError
from magnet.state.intake_files import read_clients
from tests.state.intake_samples import MINIMAL, problems, write

EXAMPLES = Path(__file__).parents[2] / "examples/intake"


def test_minimal_yaml_form_gets_defaults(tmp_path: Path) -> None:
    [client] = read_clients(write(tmp_path / "ana.YML", yaml.safe_dump(MINIMAL)))
    assert client.form == IntakeForm.model_validate(MINIMAL)
    assert client.attitude is Attitude.NEUTRAL
    assert client.opening.counselor.startswith("Hello Ana,")
    assert client.opening.client == "I want to worry less."
    assert (client.number, client.source) == (1, None)


def test_attitude_and_opening_of_a_form(tmp_path: Path) -> None:
    form = MINIMAL | {
        "attitude": "negative",
        "opening": {"counselor": "Hi.", "client": "What now?"},
    }
    as_yaml = read_clients(write(tmp_path / "ana.yaml", yaml.safe_dump(form)))
    as_json = read_clients(write(tmp_path / "ana.json", form))
    assert as_yaml == as_json
    assert as_yaml[0].attitude is Attitude.NEGATIVE
    assert as_yaml[0].opening.client == "What now?"


def test_yaml_values_are_text_and_blank_ones_are_not_given(tmp_path: Path) -> None:
    text = yaml.safe_dump(MINIMAL) + "education: 2012-06-30\nfamily: no\nhistory:\noccupation: ' '"
    [client] = read_clients(write(tmp_path / "ana.yaml", "\ufeff" + text))
    form = client.form
    assert (form.education, form.family) == ("2012-06-30", "no")
    assert (form.history, form.occupation) == (UNKNOWN, UNKNOWN)


def test_every_problem_of_a_form_at_once(tmp_path: Path) -> None:
    path = write(
        tmp_path / "bad.yaml",
        "name: [Ana]\nage: thirty\nsocial_suport: none\nreason:\nattitude: Negative\n"
        "presenting_problem: I worry.\nopening: {counselor: Hi., cleint: Well.}\nzzz: 1",
    )
    found = {place: (value, expected) for place, value, expected in problems(path)}
    zzz = found.pop("zzz")
    assert found == {
        "name": ("['Ana']", "text"),
        "age": ("'thirty'", "a whole number"),
        "gender": ("nothing", "a value: this field is required"),
        "reason": ("nothing", "a value: this field is required"),
        "attitude": ("'Negative'", "'positive', 'neutral' or 'negative'"),
        "opening > client": ("nothing", "a value: this field is required"),
        "opening > cleint": ("an unknown field", "opening > client (the nearest field)"),
        "social_suport": ("an unknown field", "social_support (the nearest field)"),
    }
    assert zzz[1].startswith("one of name, age, ")


@pytest.mark.parametrize("age", ["4", "121", "12.5", "-1"])
def test_age_out_of_bounds(tmp_path: Path, age: str) -> None:
    path = write(tmp_path / "ana.yaml", yaml.safe_dump(MINIMAL | {"age": age}))
    [(place, found, _)] = problems(path)
    assert (place, found) == ("age", repr(age))


def test_message_names_file_place_found_and_expected(tmp_path: Path) -> None:
    path = write(tmp_path / "ana.yaml", yaml.safe_dump(MINIMAL | {"age": "old", "gender": ""}))
    with pytest.raises(IntakeError) as repeats:
        read_clients(path)
    assert str(repeats.value).splitlines() == [
        f"{path}: age: found 'old'; expected a whole number",
        f"{path}: gender: found nothing; expected a value: this field is required",
    ]
    # Worker processes hand errors back pickled.
    assert str(pickle.loads(pickle.dumps(repeats.value))) == str(repeats.value)


def test_examples_are_complete() -> None:
    clients = read_clients(EXAMPLES)
    assert [client.number for client in clients] == list(range(1, 15))
    assert {client.attitude for client in clients} == set(Attitude)
    assert len({client.form.first_name for client in clients}) == 14
    for client in clients:
        assert UNKNOWN not in client.form.model_dump().values()
        assert client.opening.client != client.form.reason
        assert client.form.first_name in client.opening.counselor
