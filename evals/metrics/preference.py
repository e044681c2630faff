"""The metric `preference`: which side judges and people prefer, by what is stored."""

from magnet.evals.metrics.metric import CompareRequest, Metric, SideValues


async def _by_side(request: CompareRequest) -> SideValues:
    from magnet.evals.comparison.sources import preferred

    reference, seed = request.sides[0].name, request.seed
    matchups = await preferred.read_matchups(request.workspace, request.sides)
    return SideValues(
        preferences=preferred.compare_preferences(matchups, reference, seed=seed),
        rankings=preferred.rank_sides(matchups, request.sides, seed=seed),
        missing=list(preferred.gaps(matchups, reference)),
    )


PREFERENCE = Metric(
    name="preference",
    help="Which of two sessions judges and people prefer.",
    by_side=_by_side,
    place=1,
)
