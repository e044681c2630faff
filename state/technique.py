"""The two sets of techniques: what a specialist does in one utterance, and what CBT plans for.

Source: MAGneT, arXiv 2509.04183, section 3.
"""

from enum import StrEnum


class Technique(StrEnum):
    """What one utterance of the counselor does; each has a specialist agent."""

    REFLECTION = "reflection"
    QUESTIONING = "questioning"
    SOLUTIONS = "solutions"
    NORMALIZING = "normalizing"
    PSYCHO_EDUCATION = "psycho-education"


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
