"""The part `inner_life`: how the client is going to answer.

An intention and a length are drawn, by attitude and phase.
"""

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, field_validator

from magnet.nodes.director.lexicon import load_lexicon
from magnet.nodes.director.part import (
    DirectorPart,
    ExchangeMoment,
    Fields,
    PartTexts,
    Wanted,
    a_text_for_each,
    switches,
)
from magnet.nodes.requirement import Requirement
from magnet.prompts import render_dialogue
from magnet.state import (
    Attitude,
    Direction,
    Farewell,
    Intention,
    Phase,
    SessionState,
    Speaker,
    affect_of,
    current_exchange,
)
from magnet.state.director import FEWEST_WORDS, MOST_WORDS, Manner
from magnet.state.text import whole_sentences, words

_TABLE = Path(__file__).parent / "data" / "intentions.toml"

# The lengths of what people write to each other online are log-normal (Sobkowicz et al., EPJ Data
# Science 2:2, 2013). The median is this project's aim; the spread makes one in twenty longer than
# a hundred words.
MEDIAN_WORDS = 30.0
_SIGMA = 0.7
# An utterance may be so much longer than drawn, by a share or by words.
_LONGER_BY, _LONGER_WORDS = 1.5, 10

Three = tuple[str, str, str]


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
        """Return its weight among all intentions; without phases, that of the attitude alone."""
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
        drawn = round(rng.lognormvariate(math.log(MEDIAN_WORDS * scale), _SIGMA))
        if FEWEST_WORDS <= drawn <= MOST_WORDS:
            return drawn


async def _decide(at: ExchangeMoment, direction: Direction) -> Fields:
    attitude = at.state["client"].attitude
    return {"manner": draw_manner(at.draws("manner"), attitude, direction.phase)}


def _of_client(wanted: Wanted) -> list[Requirement]:
    manner = wanted.direction.manner
    return [_length(manner.words)] if manner else []


def _length(limit: int) -> Requirement:
    most = max(_LONGER_BY * limit, limit + _LONGER_WORDS)

    def fails(text: str) -> bool:
        return len(words(text)) > most and len(whole_sentences(text)) > 1

    def repair(text: str) -> str:
        said = whole_sentences(text)
        total = accumulate(len(words(sentence)) for sentence in said)
        fits = sum(count <= most for count in total)
        kept, cut = said[: max(fits, 1)], said[max(fits, 1) :]
        # The screening reads what is left, so a sign of danger stays, however long the text.
        return " ".join([*kept, *(sentence for sentence in cut if load_lexicon().find(sentence))])

    return Requirement(name="length", fails=fails, hint=None, repair=repair)


class LengthText(PartTexts):
    """How a length is told: models count no words."""

    words: int = Field(ge=1, description="the most that this stands for")
    text: str


class MoodTexts(PartTexts):
    """How a feeling is told, in thirds of its range from low to high."""

    valence: Three
    arousal: Three
    trust: Three


class InnerLifeTexts(PartTexts):
    """What is said of it."""

    intentions: Mapping[Intention, str]
    lengths: tuple[LengthText, ...]
    length_free: str
    moods: MoodTexts

    _complete = a_text_for_each("intentions")

    @field_validator("lengths")
    @classmethod
    def _every_length(cls, lengths: tuple[LengthText, ...]) -> tuple[LengthText, ...]:
        bounds = [one.words for one in lengths]
        if bounds != sorted(bounds) or not bounds or bounds[-1] < MOST_WORDS:
            raise ValueError(f"expected rising numbers of words, up to {MOST_WORDS}")
        return lengths


def _mood(state: SessionState, _: Direction, texts: InnerLifeTexts) -> str:
    affect = affect_of(state, current_exchange(state))
    if affect is None or not switches(state).inner_life:
        return ""
    levels = (
        (texts.moods.valence, (affect.valence + 1) / 2),
        (texts.moods.arousal, affect.arousal),
        (texts.moods.trust, affect.trust),
    )
    return ", ".join(_third(told, level) for told, level in levels)


def _third(told: Three, level: float) -> str:
    return told[min(2, int(3 * level))]


def _intention(_: SessionState, direction: Direction, texts: InnerLifeTexts) -> str:
    ending = direction.ending
    # Who is about to leave has that to say, and nothing else.
    if direction.manner is None or (ending and ending.farewell is not Farewell.SUMMARY):
        return ""
    return texts.intentions[direction.manner.intention]


def _length_told(_: SessionState, direction: Direction, texts: InnerLifeTexts) -> str:
    if direction.manner is None:
        return texts.length_free
    drawn = direction.manner.words
    return next(one.text for one in texts.lengths if drawn <= one.words)


PART = DirectorPart(
    texts=InnerLifeTexts,
    words={
        "mood": _mood,
        "intention": _intention,
        "length": _length_told,
        "last_exchange": lambda state, _, __: render_dialogue(state["utterances"][-2:]),
    },
    decide=_decide,
    after=("phases",),
    requirements={Speaker.CLIENT: _of_client},
)
