"""The CBT plan that the planner makes once, before the counselor's first utterance."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from magnet.state.technique import CbtTechnique

FEWEST_STEPS = 3
PlanText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=300)]


class CbtPlan(BaseModel):
    """One CBT technique of the twelve, and the steps of this one session.

    The bounds go into the JSON schema that the endpoint constrains the planner's answer to, so
    that a plan is always complete: published plans were cut off by the token limit in 343 of 442
    sessions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: PlanText = Field(description="why this technique fits this client, one sentence")
    technique: CbtTechnique
    steps: Annotated[list[PlanText], Field(min_length=FEWEST_STEPS, max_length=5)] = Field(
        description="what the counselor does in this session, in order, one sentence each"
    )

    @property
    def text(self) -> str:
        """The plan as the other agents read it."""
        steps = "\n".join(f"{number}. {step}" for number, step in enumerate(self.steps, 1))
        return f"CBT technique: {self.technique}\nWhy: {self.reason}\nSteps:\n{steps}"
