"""Finished sessions whose utterances share no run of three words, unless a test says so."""

from dataclasses import replace
from random import Random
from typing import Any

from magnet.state import (
    Attitude,
    Client,
    IntakeForm,
    Opening,
    Provenance,
    SessionSettings,
    Speaker,
    Utterance,
)
from magnet.store import Session, SessionStatus
from magnet.store.source import Source

GREETING = "Welcome, and good that you came."
IMPORTED = Source(format="magnet", file="a.json", number=1, data={}, rebuilt=frozenset())


def said(*place: object) -> str:
    """Return a text of its own for each place; it never says the same word twice."""
    words = Random(repr(place)).sample(range(10**6), 12)
    return " ".join(f"word{number}" for number in words)


def a_client(person: int, attitude: Attitude = Attitude.NEUTRAL, **changes: Any) -> Client:
    form = IntakeForm(
        name=f"Person {person}",
        age=40,
        gender="female",
        presenting_problem="Not for the counselor.",
        reason=f"Reason number {person}.",
    )
    opening = Opening(counselor=GREETING, client=f"I am {attitude} about this, says {person}.")
    fields: dict[str, Any] = {"form": form, "number": person, "opening": opening}
    return Client(attitude=attitude, **(fields | changes))


def a_session(
    person: int, attitude: Attitude = Attitude.NEUTRAL, *, exchanges: int = 3, **changes: Any
) -> Session:
    """Return a finished session; `counselor` replaces the counselor's texts by utterance index."""
    counselor: dict[int, str] = changes.pop("counselor", {})
    client = changes.pop("client", a_client(person, attitude))
    speakers = (Speaker.COUNSELOR, Speaker.CLIENT)
    texts = [client.opening.counselor, client.opening.client]
    texts += [
        counselor.get(index, said(person, attitude, index)) for index in range(2, 2 + 2 * exchanges)
    ]
    utterances = tuple(
        Utterance(
            index=index,
            speaker=speakers[index % 2],
            text=text,
            provenance=Provenance(seed=1) if index > 1 else None,
        )
        for index, text in enumerate(texts)
    )
    made: dict[str, Any] = {
        "id": f"s{person}-{attitude}",
        "run": "r",
        "client": client,
        "settings": SessionSettings(),
        "models": {"counselor": "fake"},
        "prompt_hash": "",
        "prompt_layout": "shared-first",
        "status": SessionStatus.FINISHED,
        "utterances": utterances,
    }
    return Session(**(made | changes))


def clients(count: int) -> list[Session]:
    """Return the sessions of so many clients in three attitudes each, in the order of a seed
    file.
    """
    return [a_session(person, mood) for person in range(1, count + 1) for mood in Attitude]


def imported(session: Session) -> Session:
    return replace(session, source=IMPORTED, models={})
