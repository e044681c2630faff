"""The planner of a directed session: weighs three techniques before it settles on one.

The twelve techniques are dealt into three lists of four, by the session's seed. The best of all is
the best of its list, so it can always be chosen; but a model that names one technique whatever it
is asked (the paper's named one for 59% of its clients) has to look at others.
"""

from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Literal

from langgraph.runtime import Runtime
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, create_model

from magnet.nodes.context import Node, SessionContext
from magnet.nodes.deciding import Flaw, decide
from magnet.nodes.planner import planner, salvaged_plan, settled, wrong_with
from magnet.state import (
    CbtPlan,
    CbtTechnique,
    PlanCandidate,
    PlanRecord,
    SessionState,
    SessionUpdate,
)
from magnet.state.director import dealt_techniques, steps_wanted
from magnet.state.text import is_finished

_MOST_LETTERS = 200


def _ended(text: str) -> str:
    # A shorter text ends where the model ended it; a stop is all that it may lack.
    return text if is_finished(text) or len(text) >= _MOST_LETTERS else f"{text}."


# No greater least length: a small model that may not end a string where it wants to babbles on.
_Sentence = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=8, max_length=_MOST_LETTERS),
    AfterValidator(_ended),
]

# A choice that is known only when a session is.
_ONE_OF: Any = Literal


class _Candidate(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    technique: CbtTechnique
    reason: _Sentence


class Deliberation(BaseModel):
    """The planner's answer: a candidate of each list with a reason, the best, and the steps."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    first: _Candidate
    second: _Candidate
    third: _Candidate
    best: Literal["first", "second", "third"]
    steps: list[_Sentence]

    @property
    def candidates(self) -> tuple[PlanCandidate, ...]:
        """The three candidates."""
        return tuple(
            PlanCandidate(technique=one.technique, reason=one.reason)
            for one in (self.first, self.second, self.third)
        )

    @property
    def plan(self) -> CbtPlan:
        """The plan that follows from the choice."""
        chosen: _Candidate = getattr(self, self.best)
        return CbtPlan(reason=chosen.reason, technique=chosen.technique, steps=self.steps)


@cache
def _answer_model(lists: Sequence[Sequence[CbtTechnique]], steps: int) -> type[Deliberation]:
    """Return the answer's shape for these lists and so many steps: an endpoint gives no other."""
    candidates = [
        create_model("Candidate", __base__=_Candidate, technique=(_ONE_OF[tuple(one)], ...))
        for one in lists
    ]
    exactly = Annotated[list[_Sentence], Field(min_length=steps, max_length=steps)]
    return create_model(
        "Deliberation",
        __base__=Deliberation,
        first=(candidates[0], ...),
        second=(candidates[1], ...),
        third=(candidates[2], ...),
        steps=(exactly, ...),
    )


def _check(answer: Deliberation) -> Flaw | None:
    return wrong_with(answer.plan)


def _salvage(text: str) -> Deliberation:
    plan = salvaged_plan(text)
    only = _Candidate(technique=plan.technique, reason=plan.reason)
    return Deliberation(first=only, second=only, third=only, best="first", steps=plan.steps)


def deliberate_planner(agent: str, prompt: str) -> Node:
    """Make the planner's node; where phases are switched off, it plans as any other.

    Args:
        agent: name of the node.
        prompt: name of the prompt file.
    """
    ordinary = planner(agent, prompt)

    async def deliberate(state: SessionState, runtime: Runtime[SessionContext]) -> SessionUpdate:
        settings = state["settings"]
        if settings.director is None or not settings.director.phases:
            return await ordinary(state, runtime)
        answer, provenance = await decide(
            state,
            runtime,
            agent=agent,
            prompt=prompt,
            answer_model=_answer_model(
                dealt_techniques(settings.seed), steps_wanted(settings.turn_limit // 2)
            ),
            salvage=_salvage,
            check=_check,
        )
        plan, provenance = settled(answer.plan, provenance, runtime.context.checks)
        record = PlanRecord(plan=plan, provenance=provenance, candidates=answer.candidates)
        return {"plan": record}

    return deliberate
