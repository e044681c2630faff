"""What the director decides of an exchange, and what it keeps of the client's feelings.

All of it is data in the record; `docs/director.md` says what each part is for.
"""

from enum import StrEnum
from random import Random
from typing import Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from magnet.state.call import derive_seed
from magnet.state.provenance import Accounted, AccountField, OptionalAccountField, Provenance
from magnet.state.technique import CbtTechnique

FEWEST_WORDS, MOST_WORDS = 3, 150


def steps_wanted(exchanges: int) -> int:
    """Return how many steps a plan should have for a session of so many exchanges: 3 to 5."""
    return min(5, max(3, round(exchanges / 4)))


def dealt_techniques(seed: int) -> tuple[tuple[CbtTechnique, ...], ...]:
    """Return the twelve techniques in three lists of four, dealt by a session's seed."""
    techniques = list(CbtTechnique)
    Random(derive_seed(seed, "techniques")).shuffle(techniques)
    return tuple(tuple(techniques[start::3]) for start in range(3))


class DirectorParts(BaseModel):
    """The parts of the director; each can be switched off by itself."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    phases: bool = Field(default=True, description="phases, the plan's step at hand, its choice")
    inner_life: bool = Field(default=True, description="the client's intention, length, feelings")
    novelty: bool = Field(default=True, description="said points, barred openings, fewer questions")
    affect_guard: bool = Field(default=True, description="a falling mood comes before solutions")
    closing: bool = Field(default=True, description="a summary, a goodbye, an early end")
    risk: bool = Field(default=True, description="screening, and a counselor who asks about it")


class Phase(StrEnum):
    """Where a session stands."""

    OPENING = "opening"
    EXPLORATION = "exploration"
    WORKING = "working"
    CONSOLIDATION = "consolidation"
    CLOSING = "closing"


class Intention(StrEnum):
    """What a client is about to do with its next utterance."""

    DISCLOSE = "disclose"
    ANSWER_SHORTLY = "answer-shortly"
    RESIST = "resist"
    DOUBT = "doubt"
    ASK = "ask"
    AGREE_WITH_RESERVE = "agree-with-reserve"
    DRIFT = "drift"
    SHOW_EMOTION = "show-emotion"
    REPORT_INSIGHT = "report-insight"
    TRY_OUT = "try-out"


class LeaveReason(StrEnum):
    """Why a client ends a session early."""

    RELIEVED = "relieved"
    FED_UP = "fed-up"
    OBLIGATION = "obligation"


class Farewell(StrEnum):
    """What an exchange does toward the end of its session."""

    ANNOUNCED = "announced"
    """The client says that it wants to stop; the next exchange is the last."""
    SUMMARY = "summary"
    GOODBYE = "goodbye"


class RiskKind(StrEnum):
    """What a client or somebody near it may be in danger of."""

    SELF_HARM = "self-harm"
    ABUSE = "abuse"
    DANGER_TO_OTHERS = "danger-to-others"


class PlanCandidate(BaseModel):
    """A technique that the planner thought of before it chose one."""

    model_config = ConfigDict(frozen=True)

    technique: CbtTechnique
    reason: str


class Progress(BaseModel):
    """Where the plan stands."""

    model_config = ConfigDict(frozen=True)

    step: int = Field(ge=1, description="number of the step at hand")
    heard: float = Field(
        ge=0, le=1, description="share of the content words of this step that were said so far"
    )


class Manner(BaseModel):
    """How the client is going to answer."""

    model_config = ConfigDict(frozen=True)

    intention: Intention
    words: int = Field(ge=FEWEST_WORDS, le=MOST_WORDS, description="length of the utterance")


class Affect(Accounted):
    """How the client feels as an exchange begins."""

    exchange: int = Field(ge=1)
    valence: float = Field(ge=-1, le=1, description="from bad to good")
    arousal: float = Field(ge=0, le=1, description="from calm to tense")
    trust: float = Field(ge=0, le=1, description="in the counselor")
    provenance: OptionalAccountField = Field(
        default=None, description="none for the mood that it came in"
    )

    @property
    def key(self) -> int:
        """Identity in the session's list."""
        return self.exchange


class UsedUp(BaseModel):
    """What a speaker has used up."""

    model_config = ConfigDict(frozen=True)

    points: tuple[str, ...] = Field(default=(), description="what it has spoken of")
    openings: tuple[str, ...] = Field(default=(), description="first words of its latest turns")
    phrases: tuple[str, ...] = Field(default=(), description="runs of words used more than once")


class Novelty(BaseModel):
    """What neither speaker should repeat in an exchange, and whether the counselor asks."""

    model_config = ConfigDict(frozen=True)

    counselor: UsedUp
    client: UsedUp
    asks: bool = Field(
        # Sessions stored before said whether it may.
        validation_alias=AliasChoices("asks", "may_ask"),
        description="whether the counselor's turn ends with a question",
    )


class Ending(BaseModel):
    """What an exchange does toward the end."""

    model_config = ConfigDict(frozen=True)

    farewell: Farewell
    leaving: LeaveReason | None = Field(default=None, description="none at the turn limit")


class RiskFinding(BaseModel):
    """A sign of danger, and the words that it was read from."""

    model_config = ConfigDict(frozen=True)

    kind: RiskKind
    by: Literal["lexicon", "model"]
    words: str


class Risk(Accounted):
    """What a screening found, and what the counselor's next utterance must say of it."""

    minor: bool = Field(description="the client is under 18")
    findings: tuple[RiskFinding, ...] = ()
    address: tuple[RiskKind, ...] = Field(default=(), description="to ask about, and name help")
    remind: tuple[RiskKind, ...] = Field(
        default=(), description="asked about earlier; to name help again, at the goodbye"
    )
    provenance: AccountField


class Direction(BaseModel):
    """All that the director decided of one exchange before it was played.

    What belongs to a part that is switched off is none.
    """

    model_config = ConfigDict(frozen=True)

    exchange: int = Field(ge=1)
    phase: Phase | None = None
    progress: Progress | None = Field(default=None, description="none without a plan")
    manner: Manner | None = None
    novelty: Novelty | None = None
    mood_falls: bool | None = None
    ending: Ending | None = Field(default=None, description="none before the end is in sight")
    risk: Risk | None = None

    @property
    def key(self) -> int:
        """Identity in the session's list."""
        return self.exchange

    @property
    def provenance(self) -> Provenance | None:
        """What a model was asked for it: the screening."""
        return self.risk.provenance if self.risk else None

    @property
    def asks_for_safety(self) -> bool:
        """Whether the counselor must ask about a danger."""
        return self.risk is not None and bool(self.risk.address)

    @property
    def is_last(self) -> bool:
        """Whether the session ends with this exchange."""
        return self.ending is not None and self.ending.farewell is Farewell.GOODBYE
