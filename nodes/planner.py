"""The CBT planner: one plan, made once, before the counselor's first generated utterance."""

from collections.abc import Callable, Mapping

from langgraph.runtime import Runtime

from magnet.nodes.context import Checks, Node, SessionContext
from magnet.nodes.deciding import Flaw, decide
from magnet.state import CbtPlan, CbtTechnique, PlanRecord, Provenance, SessionState, SessionUpdate
from magnet.state.languages import load_language
from magnet.state.plan import FEWEST_STEPS
from magnet.state.text import is_finished, words

_FEWEST_WORDS = 3

# Stands in when a model never gives a readable plan; the record is flagged.
_FALLBACK_TECHNIQUE = CbtTechnique.EVIDENCE_BASED_QUESTIONING


def salvaged_plan(text: str) -> CbtPlan:
    """Return a plan that any session can follow, of the technique that a text names first if
    any.
    """
    places = {t: text.lower().find(t.value.lower()) for t in CbtTechnique}
    named = sorted((t for t, place in places.items() if place >= 0), key=places.__getitem__)
    lines = load_language().lines.plan
    return CbtPlan(
        reason=lines.reason,
        technique=named[0] if named else _FALLBACK_TECHNIQUE,
        steps=list(lines.steps),
    )


_CUT_OFF = Flaw(
    "cut-off",
    "Your last answer was cut off: end each sentence with a full stop, and keep it short.",
)
_SEVERAL_SESSIONS = Flaw(
    "several-sessions", "Your last answer was for several sessions: plan this one session only."
)
_BARE_NAMES = Flaw("bare-names", "Your last answer was naming things: write whole sentences.")
_REPEATED_STEP = Flaw(
    "repeated-step", "Your last answer was repeating a step: make each step different."
)


# What a reason or a step can have wrong by itself.
_IN_A_TEXT: Mapping[Flaw, Callable[[str], bool]] = {
    _CUT_OFF: lambda text: not is_finished(text),
    _SEVERAL_SESSIONS: lambda text: bool(load_language().speech.several_sessions.search(text)),
    _BARE_NAMES: lambda text: len(words(text)) < _FEWEST_WORDS,
}


def wrong_with(plan: CbtPlan) -> Flaw | None:
    """Return what is wrong with a plan; none when it will do."""
    texts = (plan.reason, *plan.steps)
    for flaw, is_in in _IN_A_TEXT.items():
        if any(map(is_in, texts)):
            return flaw
    if len({step.lower() for step in plan.steps}) < len(plan.steps):
        return _REPEATED_STEP
    return None


def settled(plan: CbtPlan, provenance: Provenance, checks: Checks) -> tuple[CbtPlan, Provenance]:
    """Leave out what is no step in the plan that is kept; with too little left, fall back."""
    flaw = wrong_with(plan)
    if not checks.clean or flaw is None:
        return plan, provenance
    whole = salvaged_plan(plan.technique)
    different = {step.lower(): step for step in plan.steps}
    steps = [step for step in different.values() if _is_sound(step)]
    if len(steps) >= FEWEST_STEPS:
        reason = plan.reason if _is_sound(plan.reason) else whole.reason
        whole = plan.model_copy(update={"reason": reason, "steps": steps})
    return whole, provenance.model_copy(update={"repairs": (*provenance.repairs, flaw.name)})


def _is_sound(text: str) -> bool:
    return not any(is_in(text) for is_in in _IN_A_TEXT.values())


def planner(agent: str, prompt: str) -> Node:
    """Make the planner's node."""

    async def planner(state: SessionState, runtime: Runtime[SessionContext]) -> SessionUpdate:
        plan, provenance = await decide(
            state,
            runtime,
            agent=agent,
            prompt=prompt,
            answer_model=CbtPlan,
            salvage=salvaged_plan,
            check=wrong_with,
        )
        plan, provenance = settled(plan, provenance, runtime.context.checks)
        return {"plan": PlanRecord(plan=plan, provenance=provenance)}

    return planner
