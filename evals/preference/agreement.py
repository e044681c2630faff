"""How far raters agree in what they prefer: judges, people, judges with people."""

from collections.abc import Sequence
from math import nan

from magnet.evals.preference.outcomes import Outcome
from magnet.evals.preference.pairing import Pair
from magnet.evals.statistics.agreement import Agreement, measure_agreement


def preference_agreement(outcomes: Sequence[Outcome], *, seed: int = 0) -> dict[str, Agreement]:
    """Measure the agreement of all raters by aspect, over the pairs; clients are resampled.

    What is compared is each rater's preference for side A, 0 to 1, by its rank.
    """
    return {
        aspect: _agreement([o for o in outcomes if o.aspect == aspect], seed)
        for aspect in dict.fromkeys(outcome.aspect for outcome in outcomes)
    }


def _agreement(outcomes: Sequence[Outcome], seed: int) -> Agreement:
    raters = list(dict.fromkeys(outcome.rater for outcome in outcomes))
    pairs: dict[tuple[str, str], Pair] = {(o.pair.a.id, o.pair.b.id): o.pair for o in outcomes}
    rows = {place: [nan] * len(raters) for place in pairs}
    for outcome in outcomes:
        if (score := outcome.score) is not None:
            rows[outcome.pair.a.id, outcome.pair.b.id][raters.index(outcome.rater)] = score
    clients = [pair.client for pair in pairs.values()]
    return measure_agreement(list(rows.values()), clients, seed=seed)
