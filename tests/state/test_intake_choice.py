"""Picking one client by number or name, and selecting many by attitude."""

from pathlib import Path

import pytest
import yaml

from magnet.state.attitude import Attitude
from magnet.state.intake import Client
from magnet.state.intake_choice import pick_client, select_clients
from magnet.state.intake_error import IntakeError
from magnet.state.intake_files import read_clients
from tests.state.intake_samples import MINIMAL, seed, three, write

ANY_PATH = Path("clients.json")


@pytest.fixture
def crowd(tmp_path: Path) -> list[Client]:
    names = ("Vera Stone", "Ivo Stone", "Lena Marsh", "Lena Marsh-Oduya")
    return read_clients(
        write(tmp_path / "crowd.json", [each for name in names for each in three(name)])
    )


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        (None, "Vera Stone"),
        ("2", "Ivo Stone"),
        ("vera STONE", "Vera Stone"),
        ("ivo", "Ivo Stone"),
        ("oduya", "Lena Marsh-Oduya"),
        ("Lena Marsh", "Lena Marsh"),
    ],
)
def test_pick_by_number_or_name(crowd: list[Client], wanted: str | None, name: str) -> None:
    client = pick_client(crowd, client=wanted, attitude=None, path=ANY_PATH)
    assert (client.form.name, client.attitude) == (name, Attitude.POSITIVE)


def test_pick_takes_the_seed_of_the_attitude(crowd: list[Client]) -> None:
    client = pick_client(crowd, client="2", attitude=Attitude.NEGATIVE, path=ANY_PATH)
    assert client.attitude is Attitude.NEGATIVE
    assert client.opening.client.endswith("I feel negative about it.")
    assert client.source == seed("Ivo Stone", "negative")


def test_pick_changes_the_attitude_where_no_seed_has_it(crowd: list[Client]) -> None:
    client = pick_client(crowd[:2], client=None, attitude=Attitude.NEGATIVE, path=ANY_PATH)
    assert client == crowd[0].model_copy(update={"attitude": Attitude.NEGATIVE})


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ("5", "a number from 1 to 4"),
        ("0", "a number from 1 to 4"),
        ("Petra", "a number from 1 to 4"),
        ("Stome", "perhaps 1 Vera Stone, 2 Ivo Stone"),
        ("lena mash", "perhaps 3 Lena Marsh"),
        ("stone", "more than one client: 1 Vera Stone, 2 Ivo Stone"),
        ("", "more than one client: 1 Vera Stone, 2 Ivo Stone, 3 Lena Marsh"),
    ],
)
def test_pick_unknown_or_ambiguous(crowd: list[Client], wanted: str, said: str) -> None:
    with pytest.raises(IntakeError) as repeats:
        pick_client(crowd, client=wanted, attitude=None, path=ANY_PATH)
    assert said in str(repeats.value)
    assert str(repeats.value).startswith(f"clients.json: client {wanted!r}: ")


def test_select_for_a_batch(crowd: list[Client]) -> None:
    assert select_clients(crowd, None, None) == crowd
    assert select_clients(crowd, None, 2) == crowd[:6]
    both = (Attitude.NEGATIVE, Attitude.POSITIVE)
    assert select_clients(crowd, both, 2) == [crowd[2], crowd[0], crowd[5], crowd[3]]
    assert select_clients(crowd, both, 0) == []


def test_select_makes_missing_attitudes_and_keeps_files_apart(tmp_path: Path) -> None:
    one_by_one = [
        client
        for name in ("Ana", "Eva")
        for client in read_clients(
            write(tmp_path / f"{name}.yaml", yaml.safe_dump(MINIMAL | {"name": name}))
        )
    ]
    selected = select_clients(one_by_one, list(Attitude), None)
    assert [(client.form.name, client.attitude) for client in selected] == [
        (name, attitude) for name in ("Ana", "Eva") for attitude in Attitude
    ]
