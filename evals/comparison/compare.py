"""Comparing arms on what is stored about them; no model is asked anything here.

An arm is a `RUN`, or a `RUN:METHOD`. The first is the reference, which each other one is tested
against, paired by client and attitude; several arms are also ranked by preferences.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from magnet.evals.comparison.arms import Arm, ArmError, list_arms
from magnet.evals.comparison.families import compare_family
from magnet.evals.comparison.planning import PlannedMeasure, plan_measures
from magnet.evals.comparison.results import ArmCounts, Comparison
from magnet.evals.metrics.metric import (
    CompareRequest,
    EvaluationError,
    Metric,
    Options,
    SessionValues,
)
from magnet.evals.metrics.registry import chosen, compared
from magnet.evals.preference.pairing import pair_sessions
from magnet.evals.scales.files import scales
from magnet.evals.writing import writing_into
from magnet.sessions.workspace import Workspace


async def compare(
    workspace: Workspace,
    names: Sequence[str],
    *,
    metrics: Sequence[str] | None = None,
    options: Options | None = None,
    seed: int = 0,
) -> Comparison:
    """Compare arms on every measure at hand.

    Judged scales are those that `magnet eval` stored, of every judge, and of people (`magnet rate
    import`); preferences likewise. What is not there is not asked for: `Comparison.missing` says
    what, and which command makes it.

    Args:
        workspace: where the arms are stored.
        names: one arm or more; a run of several methods stands for all of them. One alone is
            only described.
        metrics: names of `compared`; none is all.
        options: those of the metrics; none takes their defaults.
        seed: of resamples and permutations.

    Raises:
        EvaluationError: if there is no such metric.
        UnknownIdError, ArmError: if an arm cannot be found or has no finished session.
        TokenizerError, DiversityError: if diversity cannot be measured so.
        StoreError: if the database cannot be read.
    """
    known = compared()
    wanted = chosen(known if metrics is None else metrics, known)
    request = CompareRequest(
        workspace=workspace,
        arms=await list_arms(workspace, names),
        options=options or Options(),
        seed=seed,
    )
    arms = request.arms
    by_session = await _by_session(request, wanted)
    by_arm = [await one.by_arm(request) for one in _in_order(wanted) if one.by_arm]
    sessions = {arm.name: arm.sessions for arm in arms}
    counts = tuple(_counts(arms[0], arm) for arm in arms)
    families = [family for one in by_session for family in one.families]
    gaps = (line for one in (*by_session, *by_arm) for line in one.missing)
    return Comparison(
        reference=arms[0].name,
        arms=counts,
        families=tuple(compare_family(family, sessions, seed=seed) for family in families),
        diversity=next((one.diversity for one in by_arm if one.diversity), None),
        preferences=tuple(found for one in by_arm for found in one.preferences),
        rankings=tuple(found for one in by_arm for found in one.rankings),
        missing=(*_alone(counts), *gaps),
    )


async def plan(
    workspace: Workspace,
    names: Sequence[str],
    differences: Sequence[float],
    *,
    metrics: Sequence[str] | None = None,
) -> list[PlannedMeasure]:
    """Return how many clients differences between two arms need, from how a pilot's spread.

    Args:
        workspace: where the pilot is stored.
        names: its two arms.
        differences: to be found, in the measures' own units; none is 0.
        metrics: names of `compared`, none is the scales; those without a value for each session
            have nothing to plan.

    Raises:
        EvaluationError: if there is no such metric.
        UnknownIdError, ArmError: if the arms cannot be found, or are not two.
        StoreError: if the database cannot be read.
    """
    wanted = chosen([*scales()] if metrics is None else metrics, compared())
    arms = await list_arms(workspace, names)
    if len(arms) != 2:
        found = ", ".join(arm.name for arm in arms)
        raise ArmError(f"expected the two arms of a pilot, found {found or 'none'}")
    request = CompareRequest(workspace=workspace, arms=arms)
    families = [one for every in await _by_session(request, wanted) for one in every.families]
    first, second = arms
    return list(plan_measures(families, first.sessions, second.sessions, differences))


def write_comparison(comparison: Comparison, folder: Path) -> Path:
    """Write a comparison as `comparison.json` into a folder, and give its path.

    Raises:
        EvaluationError: if it cannot be written.
    """
    path = folder / "comparison.json"
    with writing_into(folder, EvaluationError):
        path.write_text(comparison.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return path


async def _by_session(request: CompareRequest, wanted: Sequence[Metric]) -> list[SessionValues]:
    """Return what has a value for each session; metrics of one source are asked for together."""
    sources = {one.by_session: list[str]() for one in _in_order(wanted) if one.by_session}
    for one in _in_order(wanted):
        if one.by_session:
            sources[one.by_session].append(one.name)
    return [await source(request, names) for source, names in sources.items()]


def _in_order(wanted: Sequence[Metric]) -> list[Metric]:
    order = compared()
    return sorted(wanted, key=lambda metric: order.index(metric.name))


def _counts(reference: Arm, arm: Arm) -> ArmCounts:
    others = () if arm is reference else arm.sessions
    pairing = pair_sessions(reference.sessions, others)
    return ArmCounts(
        name=arm.name,
        sessions=len(arm.sessions),
        clients=len({session.client.form for session in arm.sessions}),
        pairs=len(pairing.pairs),
        alone=len(pairing.alone) if others else 0,
    )


def _alone(arms: Sequence[ArmCounts]) -> Iterator[str]:
    reference, *others = arms
    for arm in others:
        if not arm.pairs:
            yield (
                f"{arm.name}: no client has a finished session with the same attitude in "
                f"{reference.name}, so nothing can be tested between the two"
            )
        elif arm.alone:
            yield (
                f"{arm.name}: {arm.alone} sessions of it and of {reference.name} have no "
                f"counterpart; the tests are over the other {arm.pairs} pairs"
            )
