"""Checkpoints that were written before the first release, when classes had other names."""

from typing import Any

import ormsgpack

from magnet.checkpoints.serde import state_serializer
from magnet.state import Candidate, Provenance
from magnet.state.director import UsedUp

# How LangGraph writes them: an enum by class and value, a model by class and its fields.
_ENUM, _MODEL = 0, 5


def old(code: int, module: str, name: str, *content: Any) -> ormsgpack.Ext:
    return ormsgpack.Ext(code, ormsgpack.packb([module, name, *content]))


def read(written: ormsgpack.Ext) -> Any:
    return state_serializer().loads_typed(("msgpack", ormsgpack.packb(written)))


def test_a_technique_that_was_an_enum_is_read_as_its_name() -> None:
    technique = old(_ENUM, "state.technique", "Technique", "psycho-education")
    assert read(technique) == "psycho-education"
    fields = {"exchange": 2, "technique": technique, "text": "Fear is loud.", "making": {"seed": 4}}
    draft = old(_MODEL, "state.utterance", "Candidate", fields, "model_validate_json")
    provenance = Provenance(seed=4)
    assert read(draft) == Candidate(
        exchange=2, technique="psycho-education", text="Fear is loud.", provenance=provenance
    )


def test_a_class_that_was_renamed_is_found() -> None:
    used = old(_MODEL, "state.director", "Said", {"points": ["a dog"]}, "model_validate_json")
    assert read(used) == UsedUp(points=("a dog",))
