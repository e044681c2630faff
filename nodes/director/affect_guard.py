"""The part `affect_guard`: a mood that keeps sinking comes before solutions."""

from magnet.nodes.director.part import DirectorPart, ExchangeMoment, Fields, PartTexts
from magnet.state import Direction, SessionState, affect_of


def mood_falls(state: SessionState, exchange: int) -> bool:
    """Return whether the client's valence fell in each of the two exchanges before this one."""
    found = [affect_of(state, exchange - back) for back in (2, 1, 0)]
    valences = [affect.valence for affect in found if affect]
    return len(valences) == len(found) and valences[0] > valences[1] > valences[2]


async def _decide(at: ExchangeMoment, _: Direction) -> Fields:
    return {"mood_falls": mood_falls(at.state, at.exchange)}


class AffectGuardTexts(PartTexts):
    """What is said of it."""

    mood_falls: str


PART = DirectorPart(
    texts=AffectGuardTexts,
    words={
        "mood_falls": lambda _, direction, texts: texts.mood_falls if direction.mood_falls else ""
    },
    decide=_decide,
)
