"""Checkpoints are built from the project's own state types, all of them and no other."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, get_args, get_type_hints

import pytest
from pydantic import BaseModel

from magnet.checkpoints.serde import STATE_TYPES, state_serializer
from magnet.state import SessionState
from tests.checkpoints.graphs import PROVENANCE


def types_in(hint: Any) -> Iterator[type]:
    """Yield the project's types that a type hint is made of, and what they are made of."""
    for part in get_args(hint):
        yield from types_in(part)
    if isinstance(hint, type) and issubclass(hint, BaseModel | Enum):
        yield hint
        for field in get_type_hints(hint).values() if issubclass(hint, BaseModel) else ():
            yield from types_in(field)


def test_all_types_of_the_state_are_named():
    hints = get_type_hints(SessionState).values()
    assert set(STATE_TYPES) == {found for hint in hints for found in types_in(hint)}


def test_types_of_the_state_come_back():
    serde = state_serializer()
    assert serde.loads_typed(serde.dumps_typed(PROVENANCE)) == PROVENANCE


def test_other_types_are_not_built(caplog: pytest.LogCaptureFixture):
    class Foreign(BaseModel):
        name: str = "x"

    serde = state_serializer()
    assert serde.loads_typed(serde.dumps_typed(Foreign())) != Foreign()
    assert "Blocked deserialization" in caplog.text
