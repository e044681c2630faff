"""How checkpoints are written and read: msgpack, and of types the project's own alone.

Reading a checkpoint builds the objects that it names. Only what the session state is made of may
be named, whatever `LANGGRAPH_STRICT_MSGPACK` says.
"""

from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from state.attitude import Attitude
from state.director import (
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
from state.intake import Client, IntakeForm, Opening
from state.making import Making, Usage
from state.plan import CbtPlan
from state.session import EndReason, PlanRecord, SessionSettings
from state.technique import CbtTechnique, Technique
from state.utterance import Candidate, Selection, Speaker, Utterance

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
    Technique,
    Usage,
    Utterance,
)


def state_serializer() -> JsonPlusSerializer:
    """Give the serializer of all checkpoints."""
    return JsonPlusSerializer(allowed_msgpack_modules=STATE_TYPES)
