"""How checkpoints are written and read: msgpack, and of types the project's own alone.

Reading a checkpoint builds the objects that it names. Only what the session state is made of may
be named, whatever `LANGGRAPH_STRICT_MSGPACK` says.
"""

from typing import Any

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from magnet.checkpoints.old_names import with_new_names
from magnet.state.attitude import Attitude
from magnet.state.director import (
    Affect,
    Direction,
    DirectorParts,
    Ending,
    Farewell,
    Intention,
    LeaveReason,
    Manner,
    Novelty,
    Phase,
    PlanCandidate,
    Progress,
    Risk,
    RiskFinding,
    RiskKind,
    Said,
)
from magnet.state.intake import Client, IntakeForm, Opening
from magnet.state.plan import CbtPlan
from magnet.state.provenance import Making, Usage
from magnet.state.session import EndReason, PlanRecord, SessionSettings
from magnet.state.technique import CbtTechnique
from magnet.state.utterance import Candidate, Selection, Speaker, Utterance

STATE_TYPES: tuple[type, ...] = (
    Affect,
    Attitude,
    Candidate,
    CbtPlan,
    CbtTechnique,
    Client,
    Direction,
    DirectorParts,
    EndReason,
    Ending,
    Farewell,
    IntakeForm,
    Intention,
    LeaveReason,
    Making,
    Manner,
    Novelty,
    Opening,
    Phase,
    PlanCandidate,
    PlanRecord,
    Progress,
    Risk,
    RiskFinding,
    RiskKind,
    Said,
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
    """Give the serializer of all checkpoints."""
    return _StateSerializer(allowed_msgpack_modules=STATE_TYPES)
