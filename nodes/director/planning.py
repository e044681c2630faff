"""The planner of a directed session: weighs three techniques before it settles on one."""

from functools import cache
from typing import Annotated, Literal

from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict, Field, create_model

from nodes.context import Node, SessionContext
from nodes.deciding import decide
from nodes.planner import planner, salvaged_plan, wrong_with
from state import CbtPlan, CbtTechnique, PlanCandidate, PlanRecord, SessionState, SessionUpdate
from state.director import steps_wanted
from state.plan import PlanText

_PLACES = ("first", "second", "third")


class _Candidate(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    reason: PlanText
    technique: CbtTechnique


class Deliberation(BaseModel):
    """The planner's answer: three candidates with reasons, the best of them, and the steps."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    candidates: Annotated[list[_Candidate], Field(min_length=3, max_length=3)]
    best: Literal["first", "second", "third"]
    steps: list[PlanText]

    @property
    def plan(self) -> CbtPlan:
        """The plan that follows from the choice."""
        chosen = self.candidates[_PLACES.index(self.best)]
        return CbtPlan(reason=chosen.reason, technique=chosen.technique, steps=self.steps)


@cache
def _deliberation_of(steps: int) -> type[Deliberation]:
    # In the schema, an endpoint that constrains its answers can give no other number of them.
    exactly = Annotated[list[PlanText], Field(min_length=steps, max_length=steps)]
    return create_model("Deliberation", __base__=Deliberation, steps=(exactly, ...))


def _check(answer: Deliberation) -> str | None:
    if len({one.technique for one in answer.candidates}) < 2:
        return "naming one technique alone: name three different candidates"
    return wrong_with(answer.plan)


def _salvage(text: str) -> Deliberation:
    plan = salvaged_plan(text)
    only = _Candidate(reason=plan.reason, technique=plan.technique)
    return Deliberation(candidates=[only] * 3, best="first", steps=plan.steps)


def deliberate_planner(prompt: str) -> Node:
    """Make the planner's node; where phases are switched off, it plans as any other.

    Args:
        prompt: name of the prompt file.
    """
    ordinary = planner(prompt)

    async def deliberate(state: SessionState, runtime: Runtime[SessionContext]) -> SessionUpdate:
        settings = state["settings"]
        if settings.director is None or not settings.director.phases:
            return await ordinary(state, runtime)
        answer, making = await decide(
            state,
            runtime,
            agent="planner",
            prompt=prompt,
            answer_model=_deliberation_of(steps_wanted(settings.turn_limit // 2)),
            salvage=_salvage,
            check=_check,
        )
        candidates = tuple(
            PlanCandidate(technique=one.technique, reason=one.reason) for one in answer.candidates
        )
        return {"plan": PlanRecord(plan=answer.plan, making=making, candidates=candidates)}

    return deliberate
