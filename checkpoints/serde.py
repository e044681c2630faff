"""How checkpoints are written and read: msgpack, and of types the project's own alone.

Reading a checkpoint builds the objects that it names. Only what the session state is made of may
be named, whatever `LANGGRAPH_STRICT_MSGPACK` says.
"""

from enum import Enum
from types import ModuleType
from typing import Any

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from pydantic import BaseModel

from magnet.checkpoints.old_names import with_new_names
from magnet.state import director
from magnet.state.attitude import Attitude
from magnet.state.intake import Client, IntakeForm, Opening
from magnet.state.plan import CbtPlan
from magnet.state.provenance import Provenance, Usage
from magnet.state.session import EndReason, PlanRecord, SessionSettings
from magnet.state.technique import CbtTechnique
from magnet.state.utterance import Candidate, Selection, Speaker, Utterance


def _types_of(module: ModuleType) -> list[type]:
    """Return the models and enums that a module defines."""
    found = [one for one in vars(module).values() if isinstance(one, type)]
    own = [one for one in found if one.__module__ == module.__name__]
    return [one for one in own if issubclass(one, (BaseModel, Enum))]


STATE_TYPES: tuple[type, ...] = (
    *_types_of(director),
    Attitude,
    Candidate,
    CbtPlan,
    CbtTechnique,
    Client,
    EndReason,
    IntakeForm,
    Provenance,
    Opening,
    PlanRecord,
    Selection,
    SessionSettings,
    Speaker,
    Usage,
    Utterance,
)


class _StateSerializer(JsonPlusSerializer):
    def loads_typed(self, data: tuple[str, bytes]) -> Any:
        kind, content = data
        return super().loads_typed((kind, with_new_names(content) if content else content))


def state_serializer() -> JsonPlusSerializer:
    """Return the serializer of all checkpoints."""
    return _StateSerializer(allowed_msgpack_modules=STATE_TYPES)
