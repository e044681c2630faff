"""CACTUS seeds become clients, and every flaw of a seed is named."""

import json
import re
from pathlib import Path

import pytest

from magnet.state.attitude import Attitude
from magnet.state.intake import UNKNOWN, IntakeForm
from magnet.state.intake_cactus import seed_text
from magnet.state.intake_files import read_clients
from tests.state.intake_samples import INTAKE, problems, seed, three, write

EXAMPLES = Path(__file__).parents[2] / "examples/intake"
REAL = Path(__file__).parents[3] / "shared/data/cactus-intake-1-300.json"


def test_seed_becomes_client(tmp_path: Path) -> None:
    given_seed = seed(attitude="negative")
    [client] = read_clients(write(tmp_path / "one.json", given_seed))
    assert client.form == IntakeForm(
        name="Vera Stone",
        age=41,
        gender="female",
        occupation="Baker",
        education="Vocational school",
        marital_status="Single",
        family="Two brothers",
        presenting_problem="I burn the bread.\n3. times a week, at least.",
        reason="My boss asked me to.",
        history="Nothing before.",
        functioning=(
            "Work or study: I am late.\nInterpersonal relationships: Fine.\nDaily life: Hurried."
        ),
        social_support="My brothers.",
    )
    assert client.attitude is Attitude.NEGATIVE
    assert client.opening.counselor == "Hello, what brings you here?"
    assert client.opening.client == "I burn the bread, and I feel negative about it."
    assert client.number == 1
    assert client.source == given_seed


@pytest.mark.parametrize(
    ("section", "functioning"),
    [
        ("5. Occupational functioning level: Well.", "Work or study: Well."),
        ("5. Occupational Functioning Level: Well.", "Work or study: Well."),
        ("5. Academic/occupational functioning level:\nWell.", "Work or study: Well."),
        (
            "5. Academic/occupational functioning level\nOccupational: Well.\nDaily life: Calm.",
            "Work or study: Well.\nDaily life: Calm.",
        ),
        (
            "5. Academic/occupational functioning level\nOccupational functioning level: Well.",
            "Work or study: Well.",
        ),
        ("5. Academic/occupational functioning level\n- Well.\n- Calm.", "- Well.\n- Calm."),
        ("5. Academic/occupational functioning level:", UNKNOWN),
        ("", UNKNOWN),
    ],
)
def test_spellings_of_section_five(tmp_path: Path, section: str, functioning: str) -> None:
    head, rest = INTAKE.split("5. Academic")
    text = f"{head}{section}\n\n6. Social{rest.split('6. Social')[1]}"
    [client] = read_clients(write(tmp_path / "one.json", seed(text=text)))
    assert client.form.functioning == functioning
    assert client.form.social_support == "My brothers."


def test_label_without_value_is_unknown_and_value_may_stand_below(tmp_path: Path) -> None:
    text = INTAKE.replace("Family Details: Two brothers", "Family Details:")
    text = text.replace("Occupation: Baker", "Occupation:\nBaker\nand cook").replace(
        "4. Past History (including medical history)", "4. Past History "
    )
    [client] = read_clients(write(tmp_path / "one.json", seed(text=text)))
    assert client.form.family == UNKNOWN
    assert client.form.occupation == "Baker\nand cook"
    assert client.form.history == "Nothing before."


def test_speaker_label_is_dropped_from_the_opening(tmp_path: Path) -> None:
    labelled = seed()
    labelled["AI_counselor"]["CBT"]["init_history_client"] = "Client: I burn the bread."
    [client] = read_clients(write(tmp_path / "one.json", labelled))
    assert client.opening.client == "I burn the bread."
    assert client.source == labelled


def test_only_the_first_label_of_section_five_is_dropped(tmp_path: Path) -> None:
    text = INTAKE.replace("I am late.", "I am late.\nI changed my work, occupational: baker.")
    [client] = read_clients(write(tmp_path / "one.json", seed(text=text)))
    assert client.form.functioning.splitlines()[:2] == [
        "Work or study: I am late.",
        "I changed my work, occupational: baker.",
    ]


@pytest.mark.parametrize("blank", ["", " ", "Client: "])
def test_blank_opening_is_refused(tmp_path: Path, blank: str) -> None:
    mute = seed()
    mute["AI_counselor"]["CBT"]["init_history_client"] = blank
    [(place, _, expected)] = problems(write(tmp_path / "mute.json", mute))
    assert place == "seed 1 > AI_counselor > CBT > init_history_client"
    assert "at least 1 character" in expected


def test_consecutive_seeds_of_one_form_are_one_person(tmp_path: Path) -> None:
    seeds = [*three("Vera Stone"), seed("Ivo Stone"), *three("Vera Stone")]
    clients = read_clients(write(tmp_path / "many.json", seeds))
    assert [client.number for client in clients] == [1, 1, 1, 2, 3, 3, 3]


def test_every_problem_of_every_seed_at_once(tmp_path: Path) -> None:
    bad = [seed() for _ in range(5)]
    bad[0]["AI_client"]["attitude"] = "grumpy"
    bad[0]["AI_client"]["intake_form"] = INTAKE.replace("41", "forty").split("\n3. Reason")[0]
    del bad[2]["AI_counselor"]["CBT"]["init_history_client"]
    bad[3] = {"AI_client": "x"}
    bad[4]["AI_client"]["intake_form"] = 7
    assert problems(write(tmp_path / "bad.json", bad)) == [
        ("seed 1 > AI_client > intake_form > Age", "'forty'", "a whole number"),
        (
            "seed 1 > AI_client > intake_form > 3. Reason for Seeking Counseling",
            "nothing",
            "a value: this field is required",
        ),
        ("seed 1 > AI_client > attitude", "'grumpy'", "'positive', 'neutral' or 'negative'"),
        (
            "seed 3 > AI_counselor > CBT > init_history_client",
            "nothing",
            "a value: this field is required",
        ),
        ("seed 4 > AI_client", "'x'", "fields with values"),
        ("seed 4 > AI_counselor", "nothing", "a value: this field is required"),
        ("seed 5 > AI_client > intake_form", "7", "the text of an intake form"),
    ]


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_form_of_the_users_own_reads_again_from_its_seed_text(path: Path, tmp_path: Path) -> None:
    [own] = read_clients(path)
    text = seed_text(own.form)
    [client] = read_clients(write(tmp_path / "one.json", seed(text=text)))
    read = client.form.model_dump()
    assert read.pop("functioning").endswith(own.form.functioning)
    assert read == own.form.model_dump(exclude={"functioning"})


def test_real_file() -> None:
    if not REAL.exists():
        pytest.skip(f"the CACTUS seeds are not at {REAL}")
    seeds = json.loads(REAL.read_text(encoding="utf-8"))
    clients = read_clients(REAL)
    assert [client.number for client in clients] == [n for n in range(1, 101) for _ in range(3)]
    assert [client.attitude for client in clients[:3]] == list(Attitude)
    for client, source in zip(clients, seeds, strict=True):
        assert client.source == source
        told = source["AI_counselor"]["CBT"]
        assert client.form.reason == told["reason_counseling"].strip()
        assert told["init_history_client"].endswith(client.opening.client)
        assert not client.opening.client.startswith("Client:")
        for field in ("name", "age", "gender"):
            assert str(getattr(client.form, field)) in told["client_information"]
        if client.form.occupation == UNKNOWN:
            assert re.search(r"Occupation:\s*(Not specified|Education)", told["client_information"])
        else:
            assert f"Occupation: {client.form.occupation}\n" in told["client_information"]
        for field in ("presenting_problem", "history", "social_support"):
            assert getattr(client.form, field) in source["AI_client"]["intake_form"]
        assert client.form.functioning != UNKNOWN
