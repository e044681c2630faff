"""What judges and people have preferred: the reference against each other arm, and a ranking."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from magnet.evals.comparison.arms import Arm
from magnet.evals.comparison.results import PreferenceComparison, Ranking
from magnet.evals.comparison.scored import PEOPLE
from magnet.evals.preference.aspects import load_aspects
from magnet.evals.preference.outcomes import Outcome, outcomes_of
from magnet.evals.preference.pairing import Pair, pair_sessions
from magnet.evals.preference.rates import matches_of, overall_rate, win_rates
from magnet.evals.scales.measures import mean_of_present
from magnet.evals.statistics.bradley_terry import bootstrap_bradley_terry
from magnet.evals.statistics.paired import PairedComparison, compare_items
from magnet.sessions.workspace import Workspace
from magnet.state.attitude import Attitude
from magnet.store.preferences import RaterKind

Matchups = Mapping[tuple[str, str], Sequence[Outcome]]
"""What every rater says of each two arms, by their names; arms without a pair are absent."""


async def read_matchups(workspace: Workspace, arms: Sequence[Arm]) -> Matchups:
    """Read what is stored about every two of these arms.

    Raises:
        StoreError: if the database cannot be read.
    """
    found: dict[tuple[str, str], Sequence[Outcome]] = {}
    for a, b in combinations(arms, 2):
        if pairs := pair_sessions(a.sessions, b.sessions).pairs:
            stored = await workspace.store.preferences.between(a.run, b.run)
            found[a.name, b.name] = outcomes_of(pairs, stored)
    return found


def compare_preferences(
    matchups: Matchups, reference: str, *, seed: int = 0
) -> list[PreferenceComparison]:
    """Return how often the reference is preferred to each other arm, for each rater by itself."""
    return [
        _compare(rater, arm, outcomes, seed)
        for (first, arm), every in matchups.items()
        if first == reference
        for rater, outcomes in by_rater(every).items()
    ]


def rank_arms(matchups: Matchups, arms: Sequence[Arm], *, seed: int = 0) -> list[Ranking]:
    """Rank three arms or more by each rater's preferences; none where fewer were compared."""
    arm_of = {session.id: arm.name for arm in arms for session in arm.sessions}
    every = [outcome for outcomes in matchups.values() for outcome in outcomes]
    rankings: list[Ranking] = []
    for rater, outcomes in by_rater(every).items():
        matches = matches_of(outcomes, lambda session: arm_of[session.id])
        if len({name for match in matches for name in (match.first, match.second)}) > 2:
            log_worths = bootstrap_bradley_terry(matches, seed=seed)
            rankings.append(Ranking(rater=rater, matches=len(matches), log_worths=log_worths))
    return rankings


def gaps(matchups: Matchups, reference: str) -> Iterator[str]:
    """Yield which arms nobody has compared with the reference."""
    for (first, arm), outcomes in matchups.items():
        if first == reference and not outcomes:
            yield f"preference: nobody has compared {reference} with {arm}"


def by_rater(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Part outcomes by judge; people are together."""
    found: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        human = outcome.rater.kind is RaterKind.HUMAN
        found[PEOPLE if human else outcome.rater.name].append(outcome)
    return dict(found)


def _compare(rater: str, arm: str, outcomes: Sequence[Outcome], seed: int) -> PreferenceComparison:
    known = [aspect.id for aspect in load_aspects()]
    rates = win_rates(outcomes, seed=seed)
    in_order = sorted(rates, key=lambda name: known.index(name) if name in known else len(known))
    attitudes = {
        attitude: [outcome for outcome in outcomes if outcome.pair.attitude is attitude]
        for attitude in Attitude
    }
    return PreferenceComparison(
        rater=rater,
        arm=arm,
        rates={aspect: rates[aspect] for aspect in in_order},
        tests=_tests(outcomes, in_order, seed),
        overall=overall_rate(outcomes, seed=seed),
        by_attitude={
            attitude: overall_rate(some, seed=seed) for attitude, some in attitudes.items() if some
        },
    )


def _tests(
    outcomes: Sequence[Outcome], aspects: Sequence[str], seed: int
) -> dict[str, PairedComparison]:
    """Test each aspect: without a difference a pair's two arms change places with equal chance."""
    given: defaultdict[tuple[str, str, str], list[float | None]] = defaultdict(list)
    pairs: dict[tuple[str, str], Pair] = {}
    for outcome in outcomes:
        place = outcome.pair.a.id, outcome.pair.b.id
        pairs[place] = outcome.pair
        given[*place, outcome.aspect].append(outcome.score)
    items: dict[str, tuple[list[float | None], list[float | None]]] = {}
    for aspect in aspects:
        ours = [mean_of_present(given[*place, aspect]) for place in pairs]
        theirs = [None if score is None else 1 - score for score in ours]
        if any(score is not None for score in ours):
            items[aspect] = ours, theirs
    return compare_items(items, [pair.client for pair in pairs.values()], seed=seed)
