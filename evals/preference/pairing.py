"""Pairs of sessions that can be compared: the same client with the same attitude, in two runs."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from magnet.evals.scales.judge_input import form_subject
from magnet.state.attitude import Attitude
from magnet.store.records import Session

_Place = tuple[str, Attitude]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sessions with one client, one of each arm."""

    a: Session
    b: Session

    @property
    def client(self) -> str:
        """What intervals and tests resample: the attitudes of one client are not independent."""
        return form_subject(self.a.client.form)

    @property
    def attitude(self) -> Attitude:
        """The client's, in both."""
        return self.a.attitude


@dataclass(frozen=True, slots=True)
class Pairing:
    """The pairs of two arms, and the sessions that have no counterpart."""

    pairs: tuple[Pair, ...]
    alone: tuple[Session, ...]


def pair_sessions(arm_a: Sequence[Session], arm_b: Sequence[Session]) -> Pairing:
    """Pair the sessions of two arms by client (the whole intake form) and attitude.

    An arm that holds several sessions of one client and attitude has them paired in their order.
    """
    of_a, of_b = _by_place(arm_a), _by_place(arm_b)
    pairs: list[Pair] = []
    alone: list[Session] = []
    for place in dict.fromkeys([*of_a, *of_b]):
        ours, theirs = of_a[place], of_b[place]
        both = min(len(ours), len(theirs))
        pairs += map(Pair, ours[:both], theirs[:both])
        alone += [*ours[both:], *theirs[both:]]
    return Pairing(tuple(pairs), tuple(alone))


def _by_place(sessions: Iterable[Session]) -> defaultdict[_Place, list[Session]]:
    found: defaultdict[_Place, list[Session]] = defaultdict(list)
    for session in sessions:
        found[form_subject(session.client.form), session.attitude].append(session)
    return found
