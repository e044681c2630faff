"""Pairs of sessions, and verdicts on them."""

from datetime import UTC, datetime, timedelta
from itertools import count

from magnet.evals.preference.pairing import Pair, pair_sessions
from magnet.state import Attitude
from magnet.store.preferences import Preference, RaterKind, Verdict
from magnet.store.records import Session
from tests.evals.spoken import a_person, spoken

_MOMENTS = count()


def session(
    arm: str,
    client: int,
    attitude: Attitude = Attitude.NEUTRAL,
    *texts: str,
) -> Session:
    """Return a session of an arm with the client of this number."""
    name = f"{arm}-{client}-{attitude}"
    said = texts or (f"What did {name.split('-')[0]} say?", "It was about bread.")
    return spoken(*said, client=a_person(f"Client {client}", attitude), id=name)


def some_pairs(clients: int, attitudes: tuple[Attitude, ...] = (Attitude.NEUTRAL,)) -> list[Pair]:
    """Return pairs of the arms `a` and `b`, for each client and attitude."""
    places = [(client, attitude) for client in range(clients) for attitude in attitudes]
    arm_a, arm_b = ([session(arm, *place) for place in places] for arm in "ab")
    return list(pair_sessions(arm_a, arm_b).pairs)


def verdict(
    pair: Pair,
    better: str,
    *,
    swapped: bool = False,
    aspect: str = "safety",
    kind: RaterKind = RaterKind.JUDGE,
    rater: str = "fake",
    instrument: str = "1",
) -> Preference:
    """Return a verdict on a pair: `better` is a, b, tie, first, second or missing.

    Args:
        swapped: whether B was shown first.
    """
    first, second = (pair.b, pair.a) if swapped else (pair.a, pair.b)
    shown = {"a": Verdict.SECOND if swapped else Verdict.FIRST}
    shown["b"] = Verdict.FIRST if swapped else Verdict.SECOND
    known = {**shown, **{value.value: value for value in Verdict}}
    return Preference(
        first=first.id,
        second=second.id,
        aspect=aspect,
        kind=kind,
        rater=rater,
        instrument=instrument,
        verdict=known.get(better),
        created=datetime(2030, 1, 1, tzinfo=UTC) + timedelta(seconds=next(_MOMENTS)),
    )


def both_orders(pair: Pair, *better: str, **changes: str) -> list[Preference]:
    """Return a judge's two verdicts; one word stands for both."""
    first, second = better if len(better) == 2 else better * 2
    return [verdict(pair, first, **changes), verdict(pair, second, swapped=True, **changes)]
