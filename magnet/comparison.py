"""Comparing sides on what is stored about them; no model is asked anything here.

A side is a `RUN`, or a `RUN:METHOD`. The first is the reference, which each other one is tested
against, paired by client and attitude; several sides are also ranked by preferences.
"""

from collections.abc import Sequence
from pathlib import Path

from evals.comparison.families import compare_family
from evals.comparison.results import Comparison, SideCounts
from magnet.comparing.counted import quality_families
from magnet.metrics.metric import DiversityOptions, EvaluationError
from magnet.sides import Side, list_sides, pair_sides
from magnet.workspace import Workspace

METRICS = (
    *("ctrs", "wai", "panas", "coherence", "safety"),
    *("preference", "diversity", "quality", "calls"),
)
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

    Judged scales are those that `magnet eval` stored, of every judge that scored a session of the
    reference and one of another side, and of people (`magnet rate import`); preferences likewise.
    What is not there is not asked for: `Comparison.missing` says what and which command makes it.

    Args:
        workspace: where the sides are stored.
        names: one side or more; a run of several methods stands for all of them. One alone is
            only described.
        metrics: names of `METRICS`.
        diversity: how that is measured; none takes its defaults.
        seed: of resamples and permutations.

    Raises:
        EvaluationError: if there is no such metric.
        UnknownIdError, SideError: if the sides cannot be found or compared.
        TokenizerError, DiversityError: if diversity cannot be measured so.
        StoreError: if the database cannot be read.
    """
    unknown = [name for name in metrics if name not in METRICS]
    if unknown or not metrics:
        raise EvaluationError(
            f"--metrics {','.join(unknown)}: expected some of {', '.join(METRICS)}"
        )
    sides = await list_sides(workspace, names)
    sessions = {side.name: side.sessions for side in sides}
    every = [session for side in sides for session in side.sessions]
    families = quality_families(every) if "quality" in metrics else []
    return Comparison(
        reference=sides[0].name,
        sides=tuple(_counts(sides[0], side) for side in sides),
        families=tuple(compare_family(family, sessions, seed=seed) for family in families),
    )


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


def _counts(reference: Side, side: Side) -> SideCounts:
    pairing = None if side is reference else pair_sides(reference, side).pairing
    return SideCounts(
        name=side.name,
        sessions=len(side.sessions),
        clients=len({session.client.form for session in side.sessions}),
        pairs=len(pairing.pairs) if pairing else len(side.sessions),
        alone=len(pairing.alone) if pairing else 0,
    )
