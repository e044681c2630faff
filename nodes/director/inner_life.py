"""How the client is going to answer: an intention and a length, drawn by attitude and phase."""

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from magnet.state import Attitude, Intention, Phase
from magnet.state.director import FEWEST_WORDS, MOST_WORDS, Manner

_TABLE = Path(__file__).parent / "data" / "intentions.toml"

# The lengths of what people write to each other online are log-normal (Sobkowicz et al., EPJ Data
# Science 2:2, 2013). The median is this project's aim; the spread makes one in twenty longer than
# a hundred words.
MEDIAN_WORDS = 30.0
_SIGMA = 0.7


class IntentionRow(BaseModel):
    """A row of `intentions.toml`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    attitudes: Mapping[Attitude, float] = Field(description="weights")
    phases: Mapping[Phase, float] = Field(default_factory=dict[Phase, float])
    length: float = Field(gt=0, description="multiplies the median number of words")
    mood: int = 0
    tension: int = 0
    trust: int = 0

    def weight(self, attitude: Attitude, phase: Phase | None) -> float:
        """Give its weight among all intentions; without phases, that of the attitude alone."""
        factor = 1.0 if phase is None else self.phases.get(phase, 1.0)
        return self.attitudes[attitude] * factor


@cache
def intentions() -> Mapping[Intention, IntentionRow]:
    """Read the table."""
    table = tomllib.loads(_TABLE.read_text(encoding="utf-8"))
    return TypeAdapter(dict[Intention, IntentionRow]).validate_python(table)


def draw_manner(rng: Random, attitude: Attitude, phase: Phase | None) -> Manner:
    """Draw an intention, and a length that fits it."""
    rows = intentions()
    weights = [row.weight(attitude, phase) for row in rows.values()]
    [intention] = rng.choices(list(rows), weights)
    return Manner(intention=intention, words=_draw_words(rng, rows[intention].length))


def _draw_words(rng: Random, scale: float) -> int:
    while True:
        words = round(rng.lognormvariate(math.log(MEDIAN_WORDS * scale), _SIGMA))
        if FEWEST_WORDS <= words <= MOST_WORDS:
            return words
