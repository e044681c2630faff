"""The CBT planner: one plan, made once, before the counselor's first generated utterance."""

from langgraph.runtime import Runtime

from nodes.context import Checks, Node, SessionContext
from nodes.deciding import Fault, decide
from state import CbtPlan, CbtTechnique, Making, PlanRecord, SessionState, SessionUpdate
from state.plan import FEWEST_STEPS
from state.plan_patterns import FINISHED, SEVERAL_SESSIONS

# Stands in when a model never gives a readable plan; the record is flagged. Steps that any
# session of this technique has.
_FALLBACK_TECHNIQUE = CbtTechnique.EVIDENCE_BASED_QUESTIONING
_FALLBACK_STEPS = (
    "Hear what happened and which thought hurts the client most.",
    "Look together at what speaks for this thought and what speaks against it.",
    "Find a fairer way to put the thought in the client's own words.",
    "Agree on one small thing to watch or try until the next session.",
)


def salvaged_plan(text: str) -> CbtPlan:
    """Give a plan that any session can follow, of the technique that a text names if any."""
    named = [t for t in CbtTechnique if t.value.lower() in text.lower()]
    return CbtPlan(
        reason="No readable plan was given; this one fits most problems.",
        technique=named[0] if named else _FALLBACK_TECHNIQUE,
        steps=list(_FALLBACK_STEPS),
    )


_CUT_OFF = Fault(
    "cut-off",
    "Your last answer was cut off: end each sentence with a full stop, and keep it short.",
)
_SEVERAL_SESSIONS = Fault(
    "several-sessions", "Your last answer was for several sessions: plan this one session only."
)
_REPEATED_STEP = Fault(
    "repeated-step", "Your last answer was repeating a step: make each step different."
)


def wrong_with(plan: CbtPlan) -> Fault | None:
    """Say what is wrong with a plan; none when it will do."""
    texts = (plan.reason, *plan.steps)
    if any(not FINISHED.search(text) for text in texts):
        return _CUT_OFF
    if any(SEVERAL_SESSIONS.search(text) for text in texts):
        return _SEVERAL_SESSIONS
    if len({step.lower() for step in plan.steps}) < len(plan.steps):
        return _REPEATED_STEP
    return None


def settled(plan: CbtPlan, making: Making, checks: Checks) -> tuple[CbtPlan, Making]:
    """Leave out what is still cut off in the plan that is kept; with too little left, fall back."""
    steps = [step for step in plan.steps if FINISHED.search(step)]
    if not checks.clean or (len(steps) == len(plan.steps) and FINISHED.search(plan.reason)):
        return plan, making
    whole = salvaged_plan(plan.technique)
    if len(steps) >= FEWEST_STEPS:
        reason = plan.reason if FINISHED.search(plan.reason) else whole.reason
        whole = plan.model_copy(update={"reason": reason, "steps": steps})
    return whole, making.model_copy(update={"repairs": (*making.repairs, _CUT_OFF.name)})


def planner(prompt: str) -> Node:
    """Make the planner's node."""

    async def planner(state: SessionState, runtime: Runtime[SessionContext]) -> SessionUpdate:
        plan, making = await decide(
            state,
            runtime,
            agent="planner",
            prompt=prompt,
            answer_model=CbtPlan,
            salvage=salvaged_plan,
            check=wrong_with,
        )
        plan, making = settled(plan, making, runtime.context.checks)
        return {"plan": PlanRecord(plan=plan, making=making)}

    return planner
