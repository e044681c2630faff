"""The state of a session as LangGraph carries and checkpoints it, and the record made from it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Literal, TypedDict

from pydantic import BaseModel, ConfigDict, Field

from magnet.state.channels import StoredOnce, StoredWrites
from magnet.state.director import Affect, Direction, DirectorParts, PlanCandidate
from magnet.state.intake import Client
from magnet.state.plan import CbtPlan
from magnet.state.provenance import Making, Usage
from magnet.state.technique import TechniqueName, packaged_techniques
from magnet.state.utterance import Candidate, Selection, Speaker, Utterance

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


class PlanRecord(BaseModel):
    """The plan with the account of its making."""

    model_config = ConfigDict(frozen=True)

    plan: CbtPlan
    making: Making
    candidates: tuple[PlanCandidate, ...] = Field(
        default=(),
        exclude_if=lambda found: not found,
        description="what the planner chose among, where it was asked for that",
    )


class _Begun(TypedDict):
    client: Annotated[Client, StoredOnce()]
    settings: Annotated[SessionSettings, StoredOnce()]
    utterances: Annotated[list[Utterance], StoredWrites()]


class SessionState(_Begun, total=False):
    """What the nodes read and write.

    Nodes append to the lists; an item with a key that is already there replaces it, which is how
    a user edits the past. What belongs to one exchange is found by its number.
    """

    plan: Annotated[PlanRecord, StoredOnce()]
    candidates: Annotated[list[Candidate], StoredWrites()]
    selections: Annotated[list[Selection], StoredWrites()]
    directions: Annotated[list[Direction], StoredWrites()]
    affects: Annotated[list[Affect], StoredWrites()]
    end: EndReason


class SessionUpdate(TypedDict, total=False):
    """What a node gives back, or a user edits: the items that are added or replaced."""

    client: Client
    settings: SessionSettings
    plan: PlanRecord
    candidates: list[Candidate]
    selections: list[Selection]
    directions: list[Direction]
    affects: list[Affect]
    utterances: list[Utterance]
    end: EndReason


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


def start_session(client: Client, settings: SessionSettings) -> SessionState:
    """Give the graph's input: the client, the settings and the opening pair."""
    opening = (
        (Speaker.COUNSELOR, client.opening.counselor),
        (Speaker.CLIENT, client.opening.client),
    )
    return SessionState(
        client=client,
        settings=settings,
        utterances=[
            Utterance(index=index, speaker=speaker, text=text)
            for index, (speaker, text) in enumerate(opening)
        ],
    )


def turns(state: SessionState) -> int:
    """Count the generated utterances so far."""
    return state["utterances"][-1].turn


def current_exchange(state: SessionState) -> int:
    """Give the number, from 1, of the exchange that is being made or comes next."""
    return (state["utterances"][-1].index + 1) // 2


def candidates_of(state: SessionState, exchange: int) -> tuple[Candidate, ...]:
    """Give the specialists' candidates of one exchange, in the order of the techniques."""
    found = [c for c in state.get("candidates", ()) if c.exchange == exchange]
    order = {name: place for place, name in enumerate(_technique_order(state))}
    # What a method has no longer comes last, as it is stored.
    return tuple(sorted(found, key=lambda c: order.get(c.technique, len(order))))


def _technique_order(state: SessionState) -> Iterable[TechniqueName]:
    return state["settings"].techniques or packaged_techniques()


def selection_of(state: SessionState, exchange: int) -> Selection | None:
    """Give the techniques chosen in one exchange; none where the method has no selector."""
    return next((s for s in state.get("selections", ()) if s.exchange == exchange), None)


def direction_of(state: SessionState, exchange: int) -> Direction | None:
    """Give what the director decided of one exchange; none where the method has no director."""
    return next((d for d in state.get("directions", ()) if d.exchange == exchange), None)


def affect_of(state: SessionState, exchange: int) -> Affect | None:
    """Give how the client felt as an exchange began; none where nobody keeps track of it."""
    return next((a for a in state.get("affects", ()) if a.exchange == exchange), None)


def exchanges_of(state: SessionState) -> list[ExchangeRecord]:
    """Give the session's exchanges, the unfinished last one included."""
    said = {(u.exchange, u.speaker): u for u in state["utterances"]}
    started = [u.exchange for u in state["utterances"]]
    started += [c.exchange for c in state.get("candidates", ())]
    started += [d.exchange for d in state.get("directions", ())]
    started += [a.exchange for a in state.get("affects", ())]
    return [
        ExchangeRecord(
            index=exchange,
            candidates=candidates_of(state, exchange),
            selection=selection_of(state, exchange),
            counselor=said.get((exchange, Speaker.COUNSELOR)),
            client=said.get((exchange, Speaker.CLIENT)),
            direction=direction_of(state, exchange),
            affect=affect_of(state, exchange),
        )
        for exchange in range(1, max(started, default=0) + 1)
    ]


def total_usage(state: SessionState) -> tuple[int, Usage]:
    """Count the model calls behind what the session holds, and their tokens."""
    makings = [item.making for item in state.get("candidates", ())]
    makings += [item.making for item in state.get("selections", ())]
    makings += [item.making for item in state["utterances"] if item.making]
    makings += [item.making for item in state.get("affects", ()) if item.making]
    makings += [item.making for item in state.get("directions", ()) if item.making]
    if "plan" in state:
        makings.append(state["plan"].making)
    return sum(m.calls for m in makings), sum((m.usage for m in makings), Usage())
