"""Records to store."""

from datetime import UTC, datetime
from typing import Any

from state import (
    Attitude,
    Call,
    Candidate,
    CbtPlan,
    CbtTechnique,
    Client,
    EndReason,
    IntakeForm,
    Making,
    Opening,
    PlanRecord,
    Selection,
    SessionSettings,
    SessionState,
    Speaker,
    Technique,
    Usage,
    Utterance,
)
from store.records import Session

MAKING = Making(seed=7, usage=Usage(prompt=90, cached=40, completion=30), repairs=("quotes",))


def a_client(number: int | None = 3) -> Client:
    form = IntakeForm(
        name="Zoë Nguyễn", age=41, gender="female", presenting_problem="Sleep.", reason="我睡不着。"
    )
    opening = Opening(counselor="Welcome.", client="I don't sleep 😴.")
    return Client(
        form=form,
        attitude=Attitude.NEGATIVE,
        opening=opening,
        number=number,
        source={"b": [1, None, {"x": "é"}], "a": 0.5},
    )


def a_session(session_id: str = "s1", **changes: Any) -> Session:
    made: dict[str, Any] = {
        "id": session_id,
        "client": a_client(),
        "settings": SessionSettings(seed=5),
        "models": {"client": "fake", "selector": {"spec": "openai:gpt-4o-mini", "t": 0.0}},
        "prompt_hash": "0123abcd",
        "prompt_layout": "shared",
    }
    return Session(**(made | changes))


def a_call(session_id: str = "s1", exchange: int = 1, **changes: Any) -> Call:
    made: dict[str, Any] = {
        "session": session_id,
        "exchange": exchange,
        "node": "reflection",
        "attempt": 0,
        "seed": 2**62,
        "role": "specialist",
        "model": "fake",
        "started": datetime(2030, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        "seconds": 0.25,
        "prompt_tokens": 100,
        "cached_tokens": 60,
        "completion_tokens": 20,
        "text": "It's hard — “何も” 😶",
        "outcome": "kept",
    }
    return Call(**(made | changes))


def a_state() -> SessionState:
    plan = CbtPlan(
        reason="It fits her worries.",
        technique=CbtTechnique.DECATASTROPHIZING,
        steps=["Name the worry.", "Rate the worry.", "Weigh the worry."],
    )
    return SessionState(
        plan=PlanRecord(plan=plan, making=MAKING),
        candidates=[
            Candidate(exchange=1, technique=t, text=f"a {t}", making=MAKING) for t in Technique
        ],
        selections=[Selection(exchange=1, techniques=(Technique.REFLECTION,), making=MAKING)],
        utterances=[
            Utterance(index=0, speaker=Speaker.COUNSELOR, text="Welcome."),
            Utterance(index=1, speaker=Speaker.CLIENT, text="I don't sleep 😴."),
            Utterance(index=2, speaker=Speaker.COUNSELOR, text="Since when?", making=MAKING),
            Utterance(index=3, speaker=Speaker.CLIENT, text="Since spring.", making=MAKING),
        ],
        end=EndReason.CLIENT,
    )
