"""A small session graph without models: the real state, the real channels, the real joins."""

from collections.abc import Callable
from typing import Any

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from magnet.state import (
    Attitude,
    Candidate,
    CbtPlan,
    CbtTechnique,
    Client,
    EndReason,
    IntakeForm,
    Opening,
    PlanRecord,
    Provenance,
    Selection,
    SessionSettings,
    SessionState,
    Speaker,
    Usage,
    Utterance,
    current_exchange,
    start_session,
    turns,
)

PROVENANCE = Provenance(seed=1, usage=Usage(prompt=9))
SPECIALISTS = ("reflection", "questioning")


def session_input(turn_limit: int) -> SessionState:
    client = Client(
        form=IntakeForm(name="Ana", age=30, gender="f", presenting_problem="p", reason="r"),
        attitude=Attitude.NEUTRAL,
        opening=Opening(counselor="Welcome.", client="I cannot sleep — 睡不着."),
    )
    return start_session(client, SessionSettings(turn_limit=turn_limit))


def config(session: str, checkpoint: str | None = None) -> Any:
    place = {"thread_id": session, "checkpoint_ns": ""}
    return {"configurable": place | ({"checkpoint_id": checkpoint} if checkpoint else {})}


def build(checkpointer: Any) -> CompiledStateGraph[Any, Any, Any, Any]:
    graph = StateGraph(SessionState)
    graph.add_node("planner", plan)
    graph.add_node("selector", select)
    graph.add_node("fusion", fuse)
    graph.add_node("client", answer)
    graph.add_edge(START, "planner")
    for technique in SPECIALISTS:
        graph.add_node(technique, specialist(technique))
        graph.add_edge("planner", technique)
    graph.add_edge("planner", "selector")
    graph.add_edge([*(technique for technique in SPECIALISTS), "selector"], "fusion")
    graph.add_edge("fusion", "client")
    again = [*(technique for technique in SPECIALISTS), "selector"]
    graph.add_conditional_edges("client", lambda s: END if "end" in s else again, [*again, END])
    return graph.compile(checkpointer=checkpointer)


async def plan(state: SessionState) -> SessionState:
    made = CbtPlan(
        reason="It fits well.",
        technique=CbtTechnique.PIE_CHART,
        steps=["First step.", "Second step.", "Third step."],
    )
    return SessionState(plan=PlanRecord(plan=made, provenance=PROVENANCE))


def specialist(technique: str) -> Callable[[SessionState], Any]:
    async def propose(state: SessionState) -> SessionState:
        exchange = current_exchange(state)
        text = f"{technique} after {state['utterances'][-1].text}"
        candidate = Candidate(
            exchange=exchange, technique=technique, text=text, provenance=PROVENANCE
        )
        return SessionState(candidates=[candidate])

    return propose


async def select(state: SessionState) -> SessionState:
    chosen = Selection(
        exchange=current_exchange(state), techniques=("reflection",), provenance=PROVENANCE
    )
    return SessionState(selections=[chosen])


async def fuse(state: SessionState) -> SessionState:
    return _say(state, Speaker.COUNSELOR)


async def answer(state: SessionState) -> SessionState:
    said = _say(state, Speaker.CLIENT)
    if turns(state) + 1 >= state["settings"].turn_limit:
        said["end"] = EndReason.TURN_LIMIT
    return said


def _say(state: SessionState, speaker: Speaker) -> SessionState:
    index = len(state["utterances"])
    heard = sum(len(utterance.text) for utterance in state["utterances"])
    text = f"{speaker} {index}, having heard {heard} letters"
    return SessionState(
        utterances=[Utterance(index=index, speaker=speaker, text=text, provenance=PROVENANCE)]
    )
