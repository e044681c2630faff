"""The state of a session as LangGraph carries and checkpoints it.

It needs LangGraph, which takes longer to import than listing sessions takes: a module that only
names the state in its types imports it for type checking alone.
"""

from typing import Annotated, TypedDict

from magnet.state.channels import StoredOnce, StoredWrites
from magnet.state.director import Affect, Direction
from magnet.state.intake import Client
from magnet.state.session import EndReason, PlanRecord, SessionSettings
from magnet.state.utterance import Candidate, Selection, Speaker, Utterance


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


def start_session(client: Client, settings: SessionSettings) -> SessionState:
    """Return the graph's input: the client, the settings and the opening pair."""
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
