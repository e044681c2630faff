"""What a session's state holds so far, and the record made from it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from magnet.state.director import Affect, Direction
from magnet.state.provenance import Usage
from magnet.state.session import ExchangeRecord
from magnet.state.technique import TechniqueName, packaged_techniques
from magnet.state.utterance import Candidate, Selection, Speaker

if TYPE_CHECKING:
    from magnet.state.graph_state import SessionState


def turns(state: "SessionState") -> int:
    """Count the generated utterances so far."""
    return state["utterances"][-1].turn


def current_exchange(state: "SessionState") -> int:
    """Return the number, from 1, of the exchange that is being made or comes next."""
    return (state["utterances"][-1].index + 1) // 2


def candidates_of(state: "SessionState", exchange: int) -> tuple[Candidate, ...]:
    """Return the specialists' candidates of one exchange, in the order of the techniques."""
    found = [c for c in state.get("candidates", ()) if c.exchange == exchange]
    order = {name: place for place, name in enumerate(_technique_order(state))}
    # What a method has no longer comes last, as it is stored.
    return tuple(sorted(found, key=lambda c: order.get(c.technique, len(order))))


def _technique_order(state: "SessionState") -> Iterable[TechniqueName]:
    # An imported session, or a test's, may have begun without settings.
    settings = state.get("settings")
    return (settings and settings.techniques) or packaged_techniques()


def selection_of(state: "SessionState", exchange: int) -> Selection | None:
    """Return the techniques chosen in one exchange; none where the method has no selector."""
    return next((s for s in state.get("selections", ()) if s.exchange == exchange), None)


def direction_of(state: "SessionState", exchange: int) -> Direction | None:
    """Return what the director decided of one exchange; none where the method has no director."""
    return next((d for d in state.get("directions", ()) if d.exchange == exchange), None)


def affect_of(state: "SessionState", exchange: int) -> Affect | None:
    """Return how the client felt as an exchange began; none where nobody keeps track of it."""
    return next((a for a in state.get("affects", ()) if a.exchange == exchange), None)


def exchanges_of(state: "SessionState") -> list[ExchangeRecord]:
    """Return the session's exchanges, the unfinished last one included."""
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


def total_usage(state: "SessionState") -> tuple[int, Usage]:
    """Count the model calls behind what the session holds, and their tokens."""
    provenances = [item.provenance for item in state.get("candidates", ())]
    provenances += [item.provenance for item in state.get("selections", ())]
    provenances += [item.provenance for item in state["utterances"] if item.provenance]
    provenances += [item.provenance for item in state.get("affects", ()) if item.provenance]
    provenances += [item.provenance for item in state.get("directions", ()) if item.provenance]
    if "plan" in state:
        provenances.append(state["plan"].provenance)
    return sum(m.calls for m in provenances), sum((m.usage for m in provenances), Usage())
