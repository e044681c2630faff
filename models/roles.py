"""The roles that a model can have, and how each is sampled unless the user says otherwise."""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Role = Literal["planner", "specialist", "selector", "fusion", "counselor", "client", "judge"]


class Sampling(BaseModel):
    """How one role's model is sampled."""

    model_config = ConfigDict(extra="forbid")

    temperature: float | None = Field(default=None, ge=0, le=2)
    max_tokens: int | None = Field(default=None, ge=1)


# Temperatures: MAGneT, arXiv 2509.04183, section 4. Token limits: the paper's 512 for the plan; an
# utterance is asked to be short, and one that runs away is cut at its last sentence.
SAMPLING: Mapping[Role, Sampling] = {
    "planner": Sampling(temperature=0.7, max_tokens=512),
    "specialist": Sampling(temperature=0.7, max_tokens=96),
    "selector": Sampling(temperature=0.0, max_tokens=200),
    "fusion": Sampling(temperature=0.7, max_tokens=160),
    "counselor": Sampling(temperature=0.7, max_tokens=200),
    "client": Sampling(temperature=0.7, max_tokens=120),
    "judge": Sampling(temperature=0.0, max_tokens=512),
}
