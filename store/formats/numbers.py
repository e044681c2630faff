"""The N of `session_N.json`: the place of a session's seed in the CACTUS file.

That file holds three seeds a person, one for each attitude in the order of `Attitude`.
"""

from collections.abc import Sequence

from magnet.state.attitude import Attitude
from magnet.store.records import Session

_ATTITUDES = list(Attitude)


def person_of(seed: int, attitude: Attitude) -> int | None:
    """Return the number of the person whose seed has this place; none if that seed's attitude is
    not the one at this place.
    """
    person, place = divmod(seed - 1, len(_ATTITUDES))
    return person + 1 if _ATTITUDES[place] is attitude else None


def seed_number(session: Session) -> int | None:
    """Return the place of the session's seed, from 1; none if the client is from no CACTUS file."""
    if session.source:
        return session.source.number
    client = session.client
    if client.number is None or "AI_client" not in (client.source or {}):
        return None
    return (client.number - 1) * len(_ATTITUDES) + _ATTITUDES.index(client.attitude) + 1


def number_sessions(sessions: Sequence[Session]) -> list[int]:
    """Number sessions by their seeds; one without a seed, or with one that is taken, comes after.

    Returns:
        A number for each session, no two equal.
    """
    wanted = [seed_number(session) for session in sessions]
    following = max((number for number in wanted if number), default=0)
    taken: set[int] = set()
    numbers: list[int] = []
    for number in wanted:
        if number is None or number in taken:
            following += 1
            number = following
        taken.add(number)
        numbers.append(number)
    return numbers
