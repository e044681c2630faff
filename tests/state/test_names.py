"""A client is greeted by the given name, however a form writes the name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnet.state.names import given_name


@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("Ana Souza", "Ana"),
        ("Ana", "Ana"),
        ("Dr. Ana Souza", "Ana"),
        ("Dr Ana Souza", "Ana"),
        ("Prof. Dr. Ana Souza", "Ana"),
        ("Mrs. Ana", "Ana"),
        ("Souza, Ana", "Ana"),
        ("Souza, Dr. Ana Maria", "Ana"),
        ("Ana Souza, MD", "Ana"),
        ("Ana Souza, Ph.D., RN", "Ana"),
        ("John Smith, Jr.", "John"),
        ("Ms. O'Neill", "O'Neill"),
        ("Don", "Don"),
        ("Mei-Ling Chen", "Mei-Ling"),
        ("李娜", "李娜"),
        ("J. R. Smith", "J."),
        ('"Ana" Souza', "Ana"),
        (",", ","),
        ("Dr.", "Dr."),
    ],
)
def test_the_given_name_is_found(name: str, called: str) -> None:
    assert given_name(name) == called


@given(st.text(min_size=1).filter(lambda name: name.strip()))
def test_every_name_gives_one(name: str) -> None:
    assert given_name(name)
