"""A session in which each thing that an agent may see, or must not see, has a mark of its own."""

from collections.abc import Mapping
from typing import Any, cast

from magnet.prompts import load_prompts
from magnet.state import (
    Attitude,
    Candidate,
    CbtPlan,
    CbtTechnique,
    Client,
    IntakeForm,
    Opening,
    PlanRecord,
    Provenance,
    Selection,
    SessionSettings,
    SessionState,
    Speaker,
    Utterance,
    start_session,
)
from magnet.state.technique import packaged_techniques

MARKS: Mapping[str, str] = {
    "client_information": "two sisters at the harbour",
    "reason": "the lighthouse asked for it",
    "presenting_problem": "a clock that runs backwards",
    "history": "a fever in the ninth year",
    "functioning": "seven unopened letters",
    "social_support": "a neighbour with a ladder",
    "attitude": load_prompts().attitudes[Attitude.NEGATIVE].strip(),
    "client_statement": "first words about the rain",
    "plan": "count the boats together",
    "dialogue": "a later word about snow",
    "candidates": "a draft about gardens",
    "techniques": "normalizing, solutions",
    "reason of the choice": "since the moon is full",
    "source": "Systematic Exposure was planned for by the data set",
}
"""What is seen -> a text that stands there and nowhere else."""

CLIENT = Client(
    form=IntakeForm(
        name="Ana Petrova",
        age=30,
        gender="female",
        family=MARKS["client_information"],
        presenting_problem=MARKS["presenting_problem"],
        reason=MARKS["reason"],
        history=MARKS["history"],
        functioning=MARKS["functioning"],
        social_support=MARKS["social_support"],
    ),
    attitude=Attitude.NEGATIVE,
    opening=Opening(counselor="Welcome to this hour.", client=MARKS["client_statement"]),
    source={"ground_truth_CBT": [MARKS["source"]]},
)
PLAN = CbtPlan(
    reason="The guess is older than the facts.",
    technique=CbtTechnique.PIE_CHART,
    steps=["Hear about the harbour.", MARKS["plan"], "Agree on one thing."],
)


def session_at(length: int) -> SessionState:
    """Return a session of so many utterances, at the point where the next one is made."""
    start = start_session(CLIENT, SessionSettings())
    later = [
        Utterance(
            index=index,
            speaker=Speaker.CLIENT if index % 2 else Speaker.COUNSELOR,
            text=f"{MARKS['dialogue']}, number {index}",
        )
        for index in range(2, length)
    ]
    exchange, provenance = length // 2, Provenance(seed=1)
    drafts = [
        Candidate(
            exchange=exchange,
            technique=technique,
            text=f"{MARKS['candidates']}, {place}",
            provenance=provenance,
        )
        for place, technique in enumerate(packaged_techniques())
    ]
    choice = Selection(
        exchange=exchange,
        techniques=("normalizing", "solutions"),
        reason=MARKS["reason of the choice"],
        provenance=provenance,
    )
    more: dict[str, Any] = {
        "utterances": [*start["utterances"], *later],
        "plan": PlanRecord(plan=PLAN, provenance=provenance),
        "candidates": drafts,
        "selections": [choice],
    }
    return cast(SessionState, {**start, **more})


def counselors_turn(exchange: int) -> SessionState:
    """Return the session before the counselor's utterance of an exchange, from 1."""
    return session_at(2 * exchange)


def clients_turn(exchange: int) -> SessionState:
    """Return the session before the client's utterance of an exchange, from 1."""
    return session_at(2 * exchange + 1)
