"""Comparing sides on what is stored about them; no model is asked anything here.

A side is a `RUN`, or a `RUN:METHOD`. The first is the reference, which each other one is tested
against, paired by client and attitude; several sides are also ranked by preferences.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from magnet.evals.comparison.arms import Side, SideError, list_sides
from magnet.evals.comparison.families import Family, compare_family
from magnet.evals.comparison.planning import PlannedMeasure, plan_measures
from magnet.evals.comparison.results import Comparison, SideCounts
from magnet.evals.comparison.sources import counted, preferred, scored
from magnet.evals.metrics.diversity import compare_columns
from magnet.evals.metrics.metric import DiversityOptions, EvaluationError
from magnet.evals.preference.pairing import pair_sessions
from magnet.evals.scales.files import SCALES
from magnet.sessions.workspace import Workspace

METRICS = (*SCALES, "preference", "diversity", "quality", "calls")
"""What sides can be compared on."""


async def compare(
    workspace: Workspace,
    names: Sequence[str],
    *,
    metrics: Sequence[str] = METRICS,
    diversity: DiversityOptions | None = None,
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
        metrics: names of `METRICS`.
        diversity: how that is measured; none takes its defaults.
        seed: of resamples and permutations.

    Raises:
        EvaluationError: if there is no such metric.
        UnknownIdError, SideError: if a side cannot be found or has no finished session.
        TokenizerError, DiversityError: if diversity cannot be measured so.
        StoreError: if the database cannot be read.
    """
    _check(metrics)
    sides = await list_sides(workspace, names)
    reference, sessions = sides[0].name, {side.name: side.sessions for side in sides}
    counts = tuple(_counts(sides[0], side) for side in sides)
    families, missing = await _families(workspace, sides, metrics)
    missing = [*_alone(counts), *missing]
    matchups: preferred.Matchups = {}
    if "preference" in metrics:
        matchups = await preferred.read_matchups(workspace, sides)
        missing += preferred.gaps(matchups, reference)
    return Comparison(
        reference=reference,
        sides=counts,
        families=tuple(compare_family(family, sessions, seed=seed) for family in families),
        diversity=compare_columns(sessions, diversity or DiversityOptions(), seed=seed)
        if "diversity" in metrics
        else None,
        preferences=tuple(preferred.compare_preferences(matchups, reference, seed=seed)),
        rankings=tuple(preferred.rank_sides(matchups, sides, seed=seed)),
        missing=tuple(missing),
    )


async def plan(
    workspace: Workspace,
    names: Sequence[str],
    differences: Sequence[float],
    *,
    metrics: Sequence[str] = SCALES,
) -> list[PlannedMeasure]:
    """Say how many clients differences between two sides need, from how a pilot's spread.

    Args:
        workspace: where the pilot is stored.
        names: its two sides.
        differences: to be found, in the measures' own units; none is 0.
        metrics: names of `METRICS`; those without a value for each session have nothing to plan.

    Raises:
        EvaluationError: if there is no such metric.
        UnknownIdError, SideError: if the sides cannot be found, or are not two.
        StoreError: if the database cannot be read.
    """
    _check(metrics)
    sides = await list_sides(workspace, names)
    if len(sides) != 2:
        found = ", ".join(side.name for side in sides)
        raise SideError(f"expected the two sides of a pilot, found {found or 'none'}")
    families, _ = await _families(workspace, sides, metrics)
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
            "Name another folder with --out"
        ) from error
    return path


def _check(metrics: Sequence[str]) -> None:
    unknown = [name for name in metrics if name not in METRICS]
    if unknown or not metrics:
        raise EvaluationError(
            f"--metrics {','.join(unknown)}: expected some of {', '.join(METRICS)}"
        )


async def _families(
    workspace: Workspace, sides: Sequence[Side], metrics: Sequence[str]
) -> tuple[list[Family], list[str]]:
    """Give all families of measures with a value for each session, and what is missing of them."""
    sessions = [session for side in sides for session in side.sessions]
    found = await scored.read_scored(workspace, sides, [name for name in SCALES if name in metrics])
    families, missing = scored.scale_families(found), list(scored.gaps(found, sides))
    if "quality" in metrics:
        families += counted.quality_families(sessions)
    if "calls" in metrics:
        calls = await counted.calls_family(workspace, sessions)
        families.append(calls)
        missing += counted.gaps(calls, sides)
    return families, missing


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
