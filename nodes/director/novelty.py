"""What the speakers have used up: points, openings, stock phrases; and whether to ask."""

from collections import Counter
from random import Random

from magnet.state import SessionState, Speaker
from magnet.state.director import Novelty, Said
from magnet.state.function_words import content_words
from magnet.state.text import ends_with_question, opening, words

_BARRED_TURNS = 10
"""For so many turns an opening or a phrase is not to come back."""
_POINTS_A_TURN = 2
_MOST_POINTS = 10
_PHRASE_WORDS = 4
_MOST_PHRASES = 4

# Half of the turns at most, give or take one: of the turns that may ask, so many do.
_QUESTION_CHANCE = 0.65


def novelty_of(state: SessionState, rng: Random) -> Novelty:
    """Give what is used up as an exchange begins, and whether its counselor asks."""
    return Novelty(
        counselor=_said(state, Speaker.COUNSELOR),
        client=_said(state, Speaker.CLIENT),
        asks=draw_question(_texts(state, Speaker.COUNSELOR), rng),
    )


def draw_question(counselor: list[str], rng: Random) -> bool:
    """Draw whether the counselor's next turn ends with a question, after its turns so far."""
    asked = sum(map(ends_with_question, counselor))
    return 2 * asked <= len(counselor) + 1 and rng.random() < _QUESTION_CHANCE


def latest_texts(state: SessionState, speaker: Speaker) -> list[str]:
    """Give a speaker's utterances of the latest turns, without the opening."""
    return _texts(state, speaker)[-_BARRED_TURNS:]


def _texts(state: SessionState, speaker: Speaker) -> list[str]:
    return [u.text for u in state["utterances"] if u.speaker is speaker and u.making]


def _said(state: SessionState, speaker: Speaker) -> Said:
    texts = _texts(state, speaker)
    latest = latest_texts(state, speaker)
    return Said(
        points=tuple(_points(texts)[-_MOST_POINTS:]),
        openings=tuple(dict.fromkeys(filter(None, map(opening, latest)))),
        phrases=tuple(_phrases(latest)),
    )


def _points(texts: list[str]) -> list[str]:
    """Give the words that each turn brought in; whole sentences would invite to copy them."""
    points: dict[str, None] = {}
    for text in texts:
        new = [word for word in content_words(text) if word not in points]
        points.update(dict.fromkeys(sorted(new, key=len, reverse=True)[:_POINTS_A_TURN]))
    return list(points)


def _phrases(texts: list[str]) -> list[str]:
    """Give the runs of words that came in more than one turn, and that say something."""
    turns: Counter[str] = Counter()
    for text in texts:
        runs = dict.fromkeys(" ".join(run) for run in _runs(words(text)))
        turns.update(run for run in runs if content_words(run))
    return [phrase for phrase, count in turns.most_common(_MOST_PHRASES) if count > 1]


def _runs(found: list[str]) -> list[list[str]]:
    last = len(found) - _PHRASE_WORDS
    return [found[start : start + _PHRASE_WORDS] for start in range(last + 1)]
