"""What a session is: the client, the plan, utterances, the graph's state, and intake files."""

from typing import TYPE_CHECKING

from magnet.state.attitude import Attitude
from magnet.state.call import KEPT, Call, CallKey, derive_seed
from magnet.state.contents import (
    affect_of,
    candidates_of,
    current_exchange,
    direction_of,
    exchanges_of,
    selection_of,
    total_usage,
    turns,
)
from magnet.state.director import (
    Affect,
    Direction,
    DirectorParts,
    Farewell,
    Intention,
    LeaveReason,
    Phase,
    PlanCandidate,
    RiskKind,
)
from magnet.state.intake import UNKNOWN, Client, IntakeForm, Opening
from magnet.state.lazy import lazily
from magnet.state.plan import CbtPlan
from magnet.state.provenance import Provenance, Usage
from magnet.state.session import (
    END_MARK,
    OPENING_UTTERANCES,
    TURN_LIMIT,
    EndReason,
    ExchangeRecord,
    PlanRecord,
    SessionSettings,
)
from magnet.state.technique import (
    CbtTechnique,
    Technique,
    TechniqueName,
    Techniques,
)
from magnet.state.utterance import Candidate, Selection, Speaker, Utterance

if TYPE_CHECKING:
    from magnet.state.graph_state import SessionState, SessionUpdate, start_session
else:
    __getattr__ = lazily(
        __name__, {"graph_state": ("SessionState", "SessionUpdate", "start_session")}
    )

__all__ = [
    "END_MARK",
    "KEPT",
    "OPENING_UTTERANCES",
    "TURN_LIMIT",
    "UNKNOWN",
    "Affect",
    "Attitude",
    "Call",
    "CallKey",
    "Candidate",
    "CbtPlan",
    "CbtTechnique",
    "Client",
    "Direction",
    "DirectorParts",
    "EndReason",
    "ExchangeRecord",
    "Farewell",
    "IntakeForm",
    "Intention",
    "LeaveReason",
    "Opening",
    "Phase",
    "PlanCandidate",
    "PlanRecord",
    "Provenance",
    "RiskKind",
    "Selection",
    "SessionSettings",
    "SessionState",
    "SessionUpdate",
    "Speaker",
    "Technique",
    "TechniqueName",
    "Techniques",
    "Usage",
    "Utterance",
    "affect_of",
    "candidates_of",
    "current_exchange",
    "derive_seed",
    "direction_of",
    "exchanges_of",
    "selection_of",
    "start_session",
    "total_usage",
    "turns",
]
