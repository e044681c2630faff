"""What a judge's preferences follow besides quality: the order shown, and length."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from magnet.evals.preference.outcomes import Outcome, score_of
from magnet.evals.preference.pairing import Pair
from magnet.evals.preference.rates import mean_interval
from magnet.evals.statistics.bootstrap import Interval
from magnet.state.session import OPENING_UTTERANCES
from magnet.state.text import words
from magnet.store.preferences import Verdict
from magnet.store.records import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class PositionBias:
    """Whether the session that is shown first is preferred for it."""

    verdicts: int
    """Answers in one order."""
    ties: int
    first: Interval
    """Share of the verdicts without a tie that prefer the first; 0.5 without bias where each pair
    was shown in both orders, or in one that was drawn."""
    consistent: Interval
    """Share of the questions that got the same answer in both orders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LengthBias:
    """Whether the longer session is preferred, in words of what was generated.

    A longer session may well be the better one. Where A is the better method, its rate should be
    much the same whether it is the longer or the shorter of its pair.
    """

    longer: Interval
    """Share of the preferences (no ties) that go to the longer session."""
    rate_when_longer: Interval
    """Win rate of arm A over the pairs in which it is the longer."""
    rate_when_shorter: Interval


def position_bias(outcomes: Sequence[Outcome], *, seed: int = 0) -> PositionBias:
    """Measure the pull of the order that sessions are shown in; clients are resampled."""
    given = [
        (outcome.pair, preference.verdict)
        for outcome in outcomes
        for preference in outcome.verdicts
        if preference.verdict is not None
    ]
    decided = [
        (pair, verdict is Verdict.FIRST) for pair, verdict in given if verdict is not Verdict.TIE
    ]
    same = [
        (outcome.pair, len(set(scores)) == 1)
        for outcome in outcomes
        if len(scores := _scores(outcome)) > 1
    ]
    return PositionBias(
        verdicts=len(given),
        ties=len(given) - len(decided),
        first=_share(decided, seed),
        consistent=_share(same, seed),
    )


def length_bias(outcomes: Sequence[Outcome], *, seed: int = 0) -> LengthBias:
    """Measure the pull of a session's length; clients are resampled."""
    scored = [(o.pair, score) for o in outcomes if (score := o.score) is not None]
    lengths = {s.id: _length(s) for pair, _ in scored for s in (pair.a, pair.b)}
    longer = [(pair, score) for pair, score in scored if lengths[pair.a.id] > lengths[pair.b.id]]
    shorter = [(pair, score) for pair, score in scored if lengths[pair.a.id] < lengths[pair.b.id]]
    decided = [(pair, score > 0.5) for pair, score in longer if score != 0.5]
    decided += [(pair, score < 0.5) for pair, score in shorter if score != 0.5]
    return LengthBias(
        longer=_share(decided, seed),
        rate_when_longer=_share(longer, seed),
        rate_when_shorter=_share(shorter, seed),
    )


def _scores(outcome: Outcome) -> list[float]:
    found = (score_of(verdict, outcome.pair.a.id) for verdict in outcome.verdicts)
    return [score for score in found if score is not None]


def _share(values: Iterable[tuple[Pair, float]], seed: int) -> Interval:
    found = list(values)
    return mean_interval([float(value) for _, value in found], [p for p, _ in found], seed=seed)


def _length(session: Session) -> int:
    return sum(len(words(said.text)) for said in session.utterances[OPENING_UTTERANCES:])
