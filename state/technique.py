"""The two sets of techniques: what a specialist does in one utterance, and what CBT plans for.

Source: MAGneT, arXiv 2509.04183, section 3.
"""

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

TechniqueName = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$", max_length=40)
]
"""How a technique is stored and shown, and what its specialist's node is called."""


class Technique(BaseModel):
    """What one utterance of the counselor can do; each has a specialist agent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    does: str = Field(min_length=1, description="what the selector is told of it, one clause")
    comforts: bool = Field(
        default=False, description="whether it is for a client whose mood has been sinking"
    )
    asks: bool = Field(
        default=False, description="whether a question that is still wanted is taken from its draft"
    )


Techniques = Mapping[TechniqueName, Technique]
"""Techniques by name, in the order in which they are offered and shown."""


@cache
def packaged_techniques() -> Techniques:
    """Return the five techniques of the packaged methods."""
    text = files("magnet.state").joinpath("techniques.toml").read_text(encoding="utf-8")
    return TypeAdapter(dict[TechniqueName, Technique]).validate_python(tomllib.loads(text))


class CbtTechnique(StrEnum):
    """The twelve techniques of cognitive behavioral therapy that a plan is built on."""

    EFFICIENCY_EVALUATION = "Efficiency Evaluation"
    PIE_CHART = "Pie Chart Technique"
    ALTERNATIVE_PERSPECTIVE = "Alternative Perspective"
    DECATASTROPHIZING = "Decatastrophizing"
    PROS_AND_CONS = "Pros and Cons Analysis"
    EVIDENCE_BASED_QUESTIONING = "Evidence-Based Questioning"
    REALITY_TESTING = "Reality Testing"
    CONTINUUM = "Continuum Technique"
    CHANGING_RULES_TO_WISHES = "Changing Rules to Wishes"
    BEHAVIOR_EXPERIMENT = "Behavior Experiment"
    PROBLEM_SOLVING = "Problem-Solving Skills Training"
    SYSTEMATIC_EXPOSURE = "Systematic Exposure"
