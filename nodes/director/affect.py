"""The client's feelings: where they begin, and how an exchange moves them.

Valence and arousal are the axes of the circumplex model (Russell, Journal of Personality and
Social Psychology 39, 1980); trust stands for the bond of the working alliance (Bordin,
Psychotherapy 16, 1979). The values and the step are this project's own.
"""

from collections.abc import Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict

from magnet.nodes.director.inner_life import intentions
from magnet.state import Affect, Attitude, Provenance
from magnet.state.director import Manner

# Each change goes this share of the way that is left, so that no bound is ever passed and a
# feeling that goes the same way twice is seen to.
_STEP = 0.15
_PLACES = 4

_CAME_WITH: Mapping[Attitude, tuple[float, float, float]] = {
    Attitude.POSITIVE: (-0.2, 0.4, 0.6),
    Attitude.NEUTRAL: (-0.3, 0.4, 0.4),
    Attitude.NEGATIVE: (-0.4, 0.6, 0.2),
}


class AffectChange(BaseModel):
    """How an exchange changed the client, in words that a small model knows the order of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mood: Literal["worse", "same", "better"]
    tension: Literal["calmer", "same", "tenser"]
    trust: Literal["less", "same", "more"]


_DIRECTIONS = {
    **dict.fromkeys(("worse", "calmer", "less"), -1),
    "same": 0,
    **dict.fromkeys(("better", "tenser", "more"), 1),
}


def first_affect(attitude: Attitude) -> Affect:
    """Return the feelings that a client comes with."""
    valence, arousal, trust = _CAME_WITH[attitude]
    return Affect(exchange=1, valence=valence, arousal=arousal, trust=trust)


def usual_change(manner: Manner | None) -> AffectChange:
    """Return what usually follows an utterance of this manner, where a model does not say."""
    if manner is None:
        return AffectChange(mood="same", tension="same", trust="same")
    row = intentions()[manner.intention]
    return AffectChange(
        mood=("same", "better", "worse")[row.mood],
        tension=("same", "tenser", "calmer")[row.tension],
        trust=("same", "more", "less")[row.trust],
    )


def changed(affect: Affect, change: AffectChange, provenance: Provenance) -> Affect:
    """Return the feelings as the next exchange begins."""
    return Affect(
        exchange=affect.exchange + 1,
        valence=_moved(affect.valence, _DIRECTIONS[change.mood], least=-1),
        arousal=_moved(affect.arousal, _DIRECTIONS[change.tension], least=0),
        trust=_moved(affect.trust, _DIRECTIONS[change.trust], least=0),
        provenance=provenance,
    )


def _moved(value: float, direction: int, *, least: float) -> float:
    bound = (value, 1.0, least)[direction]
    return round(value + _STEP * (bound - value), _PLACES)
