"""What a session is made of, as it is stored."""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from magnet.state.director import Affect, Direction, DirectorParts, PlanCandidate
from magnet.state.plan import CbtPlan
from magnet.state.provenance import Accounted, AccountField
from magnet.state.technique import TechniqueName
from magnet.state.utterance import Candidate, Selection, Utterance

OPENING_UTTERANCES = 2
END_MARK = "[/END]"
TURN_LIMIT = 40


class EndReason(StrEnum):
    """Why a session ended."""

    CLIENT = "client"
    TURN_LIMIT = "turn-limit"


# Sessions of methods without a director are stored and exported without a word of it.
def _is_none(value: object) -> bool:
    return value is None


class SessionSettings(BaseModel):
    """What is fixed for a whole session and decides what its agents are asked."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str = "magnet"
    turn_limit: int = Field(
        default=TURN_LIMIT, ge=2, multiple_of=2, description="generated utterances, both speakers"
    )
    min_turns: int = Field(
        default=TURN_LIMIT // 2, ge=0, description="the client may not end the session before"
    )
    checks: bool = Field(default=True, description="clean answers, and ask again for bad ones")
    log_calls: Literal["texts", "full"] = Field(
        default="texts", description="full keeps every prompt in the call log too"
    )
    seed: int = Field(
        default=0, ge=0, lt=2**63, description="every model seed of the session derives from it"
    )
    director: DirectorParts | None = Field(
        default=None, exclude_if=_is_none, description="none where the method has no director"
    )
    techniques: tuple[TechniqueName, ...] | None = Field(
        default=None,
        exclude_if=_is_none,
        description="of the method, in order; none where they are packaged ones in their order",
    )


class PlanRecord(Accounted):
    """The plan with the account of its making."""

    plan: CbtPlan
    provenance: AccountField
    candidates: tuple[PlanCandidate, ...] = Field(
        default=(),
        exclude_if=lambda found: not found,
        description="what the planner chose among, where it was asked for that",
    )


class ExchangeRecord(BaseModel):
    """All that one exchange made: the candidates, the choice, both utterances.

    With a director also what it decided, and how the client felt as it began.
    """

    model_config = ConfigDict(frozen=True)

    index: int = Field(ge=1)
    candidates: tuple[Candidate, ...] = ()
    selection: Selection | None = None
    counselor: Utterance | None = None
    client: Utterance | None = None
    direction: Direction | None = Field(default=None, exclude_if=_is_none)
    affect: Affect | None = Field(default=None, exclude_if=_is_none)
