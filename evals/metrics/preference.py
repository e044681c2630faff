"""The metric `preference`: which arm judges and people prefer, by what is stored."""

from magnet.evals.metrics.metric import ArmValues, CompareRequest, Metric


async def _by_arm(request: CompareRequest) -> ArmValues:
    from magnet.evals.comparison import preferred

    reference, seed = request.arms[0].name, request.seed
    matchups = await preferred.read_matchups(request.workspace, request.arms)
    return ArmValues(
        preferences=preferred.compare_preferences(matchups, reference, seed=seed),
        rankings=preferred.rank_arms(matchups, request.arms, seed=seed),
        missing=list(preferred.gaps(matchups, reference)),
    )


PREFERENCE = Metric(
    name="preference",
    help="Which of two sessions judges and people prefer.",
    by_arm=_by_arm,
    place=1,
)
