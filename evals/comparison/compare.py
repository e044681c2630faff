"""Comparing sides on what is stored about them; no model is asked anything here.

A side is a `RUN`, or a `RUN:METHOD`. The first is the reference, which each other one is tested
against, paired by client and attitude; several sides are also ranked by preferences.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from magnet.evals.comparison.arms import Side, SideError, list_sides
from magnet.evals.comparison.families import compare_family
from magnet.evals.comparison.planning import PlannedMeasure, plan_measures
from magnet.evals.comparison.results import Comparison, SideCounts
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
from magnet.sessions.workspace import Workspace
from magnet.state.errors import Option


async def compare(
    workspace: Workspace,
    names: Sequence[str],
    *,
    metrics: Sequence[str] | None = None,
    options: Options | None = None,
    seed: int = 0,
) -> Comparison:
    """Compare sides on every measure at hand.

    Judged scales are those that `magnet eval` stored, of every judge, and of people (`magnet rate
    import`); preferences likewise. What is not there is not asked for: `Comparison.missing` says
    what, and which command makes it.

    Args:
        workspace: where the sides are stored.
        names: one side or more; a run of several methods stands for all of them. One alone is
            only described.
        metrics: names of `compared`; none is all.
        options: those of the metrics; none takes their defaults.
        seed: of resamples and permutations.

    Raises:
        EvaluationError: if there is no such metric.
        UnknownIdError, SideError: if a side cannot be found or has no finished session.
        TokenizerError, DiversityError: if diversity cannot be measured so.
        StoreError: if the database cannot be read.
    """
    known = compared()
    wanted = chosen(known if metrics is None else metrics, known)
    request = CompareRequest(
        workspace=workspace,
        sides=await list_sides(workspace, names),
        options=options or Options(),
        seed=seed,
    )
    sides = request.sides
    by_session = await _by_session(request, wanted)
    by_side = [await one.by_side(request) for one in _in_order(wanted) if one.by_side]
    sessions = {side.name: side.sessions for side in sides}
    counts = tuple(_counts(sides[0], side) for side in sides)
    families = [family for one in by_session for family in one.families]
    gaps = (line for one in (*by_session, *by_side) for line in one.missing)
    return Comparison(
        reference=sides[0].name,
        sides=counts,
        families=tuple(compare_family(family, sessions, seed=seed) for family in families),
        diversity=next((one.diversity for one in by_side if one.diversity), None),
        preferences=tuple(found for one in by_side for found in one.preferences),
        rankings=tuple(found for one in by_side for found in one.rankings),
        missing=(*_alone(counts), *gaps),
    )


async def plan(
    workspace: Workspace,
    names: Sequence[str],
    differences: Sequence[float],
    *,
    metrics: Sequence[str] | None = None,
) -> list[PlannedMeasure]:
    """Say how many clients differences between two sides need, from how a pilot's spread.

    Args:
        workspace: where the pilot is stored.
        names: its two sides.
        differences: to be found, in the measures' own units; none is 0.
        metrics: names of `compared`, none is the scales; those without a value for each session
            have nothing to plan.

    Raises:
        EvaluationError: if there is no such metric.
        UnknownIdError, SideError: if the sides cannot be found, or are not two.
        StoreError: if the database cannot be read.
    """
    wanted = chosen([*scales()] if metrics is None else metrics, compared())
    sides = await list_sides(workspace, names)
    if len(sides) != 2:
        found = ", ".join(side.name for side in sides)
        raise SideError(f"expected the two sides of a pilot, found {found or 'none'}")
    request = CompareRequest(workspace=workspace, sides=sides)
    families = [one for every in await _by_session(request, wanted) for one in every.families]
    first, second = sides
    return list(plan_measures(families, first.sessions, second.sessions, differences))


def write_comparison(comparison: Comparison, folder: Path) -> Path:
    """Write a comparison as `comparison.json` into a folder, and give its path.

    Raises:
        EvaluationError: if it cannot be written.
    """
    path = folder / "comparison.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(comparison.model_dump_json(indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise EvaluationError(
            f"{error.filename or path}: cannot be written ({error.strerror or error}). "
            "Name another folder with {out}",
            out=Option("out"),
        ) from error
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


def _counts(reference: Side, side: Side) -> SideCounts:
    others = () if side is reference else side.sessions
    pairing = pair_sessions(reference.sessions, others)
    return SideCounts(
        name=side.name,
        sessions=len(side.sessions),
        clients=len({session.client.form for session in side.sessions}),
        pairs=len(pairing.pairs),
        alone=len(pairing.alone) if others else 0,
    )


def _alone(sides: Sequence[SideCounts]) -> Iterator[str]:
    reference, *others = sides
    for side in others:
        if not side.pairs:
            yield (
                f"{side.name}: no client has a finished session with the same attitude in "
                f"{reference.name}, so nothing can be tested between the two"
            )
        elif side.alone:
            yield (
                f"{side.name}: {side.alone} sessions of it and of {reference.name} have no "
                f"counterpart; the tests are over the other {side.pairs} pairs"
            )
