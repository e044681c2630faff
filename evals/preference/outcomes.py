"""From single verdicts to what a rater prefers, pair by pair and aspect by aspect."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from magnet.evals.preference.pairing import Pair
from magnet.store.preferences import Preference, RaterKind, Verdict

# A judge is asked in both orders, since many prefer what they read first; a person sees one, drawn.
ORDERS: Mapping[RaterKind, int] = {RaterKind.JUDGE: 2, RaterKind.HUMAN: 1}

_FOR_FIRST: Mapping[Verdict, float] = {Verdict.FIRST: 1.0, Verdict.TIE: 0.5, Verdict.SECOND: 0.0}


@dataclass(frozen=True, slots=True)
class Rater:
    """Who judges."""

    kind: RaterKind
    name: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rater says of one pair in one respect."""

    pair: Pair
    aspect: str
    rater: Rater
    verdicts: tuple[Preference, ...]
    """Of each order that was asked; some may be missing."""

    @property
    def score(self) -> float | None:
        """How far A is preferred: 1 A, 0.5 neither, 0 B, the mean over the orders.

        A judge that prefers another session in each order prefers neither. None unless every order
        was answered: one order alone would carry its bias into the result.
        """
        scores = [score_of(verdict, self.pair.a.id) for verdict in self.verdicts]
        known = [score for score in scores if score is not None]
        if len(known) < ORDERS[self.rater.kind]:
            return None
        return sum(known) / len(known)


def score_of(preference: Preference, session: str) -> float | None:
    """Return how far one verdict prefers a session of its two: 1, 0.5 or 0; none where it is
    missing.

    Args:
        preference: the verdict.
        session: id of one of the two sessions.
    """
    if preference.verdict is None:
        return None
    for_first = _FOR_FIRST[preference.verdict]
    return for_first if preference.first == session else 1.0 - for_first


def outcomes_of(pairs: Sequence[Pair], preferences: Iterable[Preference]) -> list[Outcome]:
    """Gather verdicts by pair, aspect and rater; those on other sessions are passed over.

    Where a rater was asked by several instruments (a prompt was reworded, a second kit shows the
    pair again), the one that was used last counts.
    """
    pair_of = {frozenset((pair.a.id, pair.b.id)): pair for pair in pairs}
    found: defaultdict[tuple[frozenset[str], str, Rater], list[Preference]] = defaultdict(list)
    for preference in preferences:
        sessions = frozenset((preference.first, preference.second))
        if sessions in pair_of:
            rater = Rater(preference.kind, preference.rater)
            found[sessions, preference.aspect, rater].append(preference)
    return [
        Outcome(pair_of[sessions], aspect, rater, _of_last_instrument(verdicts))
        for (sessions, aspect, rater), verdicts in found.items()
    ]


def _of_last_instrument(verdicts: Sequence[Preference]) -> tuple[Preference, ...]:
    last = max(verdicts, key=lambda verdict: verdict.created).instrument
    return tuple(verdict for verdict in verdicts if verdict.instrument == last)
