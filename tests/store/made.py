"""Records to store."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import strategies as st

from magnet.state import (
    Affect,
    Attitude,
    Call,
    Candidate,
    CbtPlan,
    CbtTechnique,
    Client,
    Direction,
    EndReason,
    ExchangeRecord,
    Farewell,
    IntakeForm,
    Intention,
    LeaveReason,
    Opening,
    Phase,
    PlanCandidate,
    PlanRecord,
    Provenance,
    RiskKind,
    Selection,
    SessionSettings,
    SessionState,
    Speaker,
    Usage,
    Utterance,
)
from magnet.state.director import (
    FEWEST_WORDS,
    MOST_WORDS,
    Ending,
    Manner,
    Novelty,
    Progress,
    Risk,
    RiskFinding,
    UsedUp,
)
from magnet.state.technique import packaged_techniques
from magnet.store.records import Session

PROVENANCE = Provenance(
    seed=7, usage=Usage(prompt=90, cached=40, completion=30), repairs=("quotes",)
)


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
        settings=SessionSettings(),
        plan=PlanRecord(plan=plan, provenance=PROVENANCE),
        candidates=[
            Candidate(exchange=1, technique=t, text=f"a {t}", provenance=PROVENANCE)
            for t in packaged_techniques()
        ],
        selections=[Selection(exchange=1, techniques=("reflection",), provenance=PROVENANCE)],
        utterances=[
            Utterance(index=0, speaker=Speaker.COUNSELOR, text="Welcome."),
            Utterance(index=1, speaker=Speaker.CLIENT, text="I don't sleep 😴."),
            Utterance(
                index=2, speaker=Speaker.COUNSELOR, text="Since when?", provenance=PROVENANCE
            ),
            Utterance(index=3, speaker=Speaker.CLIENT, text="Since spring.", provenance=PROVENANCE),
        ],
        end=EndReason.CLIENT,
    )


def directed(texts: st.SearchStrategy[str]) -> st.SearchStrategy[ExchangeRecord]:
    """Return exchanges with all that a director may keep of one."""
    shares = st.floats(0, 1)
    used = st.builds(UsedUp, points=some(texts), openings=some(texts), phrases=some(texts))
    kinds = st.sampled_from(RiskKind)
    found = st.builds(
        RiskFinding, kind=kinds, by=st.sampled_from(["lexicon", "model"]), words=texts
    )
    direction = st.builds(
        Direction,
        exchange=st.just(1),
        phase=st.none() | st.sampled_from(Phase),
        progress=st.none() | st.builds(Progress, step=st.integers(1, 5), heard=shares),
        manner=st.none()
        | st.builds(
            Manner,
            intention=st.sampled_from(Intention),
            words=st.integers(FEWEST_WORDS, MOST_WORDS),
        ),
        novelty=st.none() | st.builds(Novelty, counselor=used, client=used, asks=st.booleans()),
        mood_falls=st.none() | st.booleans(),
        ending=st.none()
        | st.builds(
            Ending,
            farewell=st.sampled_from(Farewell),
            leaving=st.none() | st.sampled_from(LeaveReason),
        ),
        risk=st.none()
        | st.builds(
            Risk,
            minor=st.booleans(),
            findings=some(found),
            address=some(kinds),
            remind=some(kinds),
            provenance=st.just(PROVENANCE),
        ),
    )
    affect = st.builds(
        Affect,
        exchange=st.just(1),
        valence=st.floats(-1, 1),
        arousal=shares,
        trust=shares,
        provenance=st.sampled_from([None, PROVENANCE]),
    )
    return st.builds(
        ExchangeRecord, index=st.just(1), direction=direction, affect=st.none() | affect
    )


def some(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(values, max_size=3).map(tuple)


def weighed(plan: PlanRecord) -> PlanRecord:
    """Return a plan with the techniques that it was chosen among."""
    candidates = tuple(PlanCandidate(technique=t, reason="It may fit.") for t in CbtTechnique)[:3]
    return plan.model_copy(update={"candidates": candidates})
