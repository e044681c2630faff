"""What a session is: the client, the plan, utterances, the graph's state, and intake files."""

from state.attitude import Attitude
from state.call import KEPT, Call, CallKey, derive_seed
from state.intake import UNKNOWN, Client, IntakeForm, Opening
from state.making import Making, Usage
from state.plan import CbtPlan
from state.session import (
    END_MARK,
    OPENING_UTTERANCES,
    TURN_LIMIT,
    EndReason,
    ExchangeRecord,
    PlanRecord,
    SessionSettings,
    SessionState,
    SessionUpdate,
    candidates_of,
    current_exchange,
    exchanges_of,
    selection_of,
    start_session,
    total_usage,
    turns,
)
from state.technique import CbtTechnique, Technique
from state.utterance import Candidate, Selection, Speaker, Utterance

__all__ = [
    "END_MARK",
    "KEPT",
    "OPENING_UTTERANCES",
    "TURN_LIMIT",
    "UNKNOWN",
    "Attitude",
    "Call",
    "CallKey",
    "Candidate",
    "CbtPlan",
    "CbtTechnique",
    "Client",
    "EndReason",
    "ExchangeRecord",
    "IntakeForm",
    "Making",
    "Opening",
    "PlanRecord",
    "Selection",
    "SessionSettings",
    "SessionState",
    "SessionUpdate",
    "Speaker",
    "Technique",
    "Usage",
    "Utterance",
    "candidates_of",
    "current_exchange",
    "derive_seed",
    "exchanges_of",
    "selection_of",
    "start_session",
    "total_usage",
    "turns",
]
