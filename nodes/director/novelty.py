"""The part `novelty`: what the speakers have used up, and whether the counselor asks."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from magnet.nodes.director.lexicon import load_lexicon
from magnet.nodes.director.part import DirectorPart, ExchangeMoment, Fields, PartTexts, Wanted
from magnet.nodes.director.questions import (
    LEAST_LEFT,
    LEAST_SAID,
    drafted_questions,
    no_question,
    question,
)
from magnet.nodes.requirement import Requirement
from magnet.state import Direction, SessionState, Speaker
from magnet.state.director import Novelty, UsedUp
from magnet.state.function_words import content_words
from magnet.state.languages import load_language
from magnet.state.text import ends_with_question, normalized, opening, whole_sentences, words

_BARRED_TURNS = 10
"""For so many turns an opening or a phrase is not to come back."""
_POINTS_A_TURN = 2
_MOST_POINTS = 10
_PHRASE_WORDS = 4
_MOST_PHRASES = 4

# Half of the turns at most, give or take one: of the turns that may ask, so many do.
_QUESTION_CHANCE = 0.65
_TOLD_OPENINGS = 4


def novelty_of(state: SessionState, rng: Random) -> Novelty:
    """Return what is used up as an exchange begins, and whether its counselor asks."""
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
    """Return a speaker's utterances of the latest turns, without the opening."""
    return _texts(state, speaker)[-_BARRED_TURNS:]


def _texts(state: SessionState, speaker: Speaker) -> list[str]:
    return [u.text for u in state["utterances"] if u.speaker is speaker and u.provenance]


def _said(state: SessionState, speaker: Speaker) -> UsedUp:
    texts = _texts(state, speaker)
    latest = latest_texts(state, speaker)
    return UsedUp(
        points=tuple(_points(texts)[-_MOST_POINTS:]),
        openings=tuple(dict.fromkeys(filter(None, map(opening, latest)))),
        phrases=tuple(_phrases(latest)),
    )


def _points(texts: list[str]) -> list[str]:
    """Return the words that each turn brought in; whole sentences would invite to copy them."""
    points: dict[str, None] = {}
    for text in texts:
        new = [word for word in content_words(text) if word not in points]
        points.update(dict.fromkeys(sorted(new, key=len, reverse=True)[:_POINTS_A_TURN]))
    return list(points)


def _phrases(texts: list[str]) -> list[str]:
    """Return the runs of words that came in more than one turn, and that say something."""
    turns: Counter[str] = Counter()
    for text in texts:
        runs = dict.fromkeys(" ".join(run) for run in _runs(words(text)))
        turns.update(run for run in runs if content_words(run))
    return [phrase for phrase, count in turns.most_common(_MOST_PHRASES) if count > 1]


def _runs(found: list[str]) -> list[list[str]]:
    last = len(found) - _PHRASE_WORDS
    return [found[start : start + _PHRASE_WORDS] for start in range(last + 1)]


async def _decide(at: ExchangeMoment, _: Direction) -> Fields:
    return {"novelty": novelty_of(at.state, at.draws("novelty"))}


def _of_counselor(wanted: Wanted) -> list[Requirement]:
    direction = wanted.direction
    if direction.novelty is None:
        return []
    used = direction.novelty.counselor
    phrases = _without_phrases(used.phrases)
    requirements = [_a_whole_turn(), _another_opening(used.openings, formulas=True), phrases]
    if direction.asks_for_safety or direction.is_last:
        return requirements
    if not direction.novelty.asks:
        return [*requirements, no_question()]
    drafted = drafted_questions(wanted.state, direction.exchange, wanted.techniques, phrases.fails)
    return [*requirements, question(drafted)]


def _of_client(wanted: Wanted) -> list[Requirement]:
    direction = wanted.direction
    if direction.novelty is None:
        return []
    used = direction.novelty.client
    # Asked for again, never taken out: what a client says twice may be what the screening has to
    # find.
    requirements = [
        replace(_another_opening(used.openings, formulas=False), repair=None),
        replace(_without_phrases(used.phrases), repair=None),
    ]
    # Who says goodbye, or answers whether it is in danger, has that to say.
    if not (direction.ending or direction.asks_for_safety):
        requirements.append(_something_new(latest_texts(wanted.state, Speaker.CLIENT)))
    return requirements


def _another_opening(used: tuple[str, ...], *, formulas: bool) -> Requirement:
    speech = load_language().speech

    def fails(text: str) -> bool:
        return opening(text) in used or (formulas and bool(speech.formula.match(text)))

    def repair(text: str) -> str:
        shorter = _capitalized(speech.lead_in.sub("", text)) if formulas else text
        while fails(shorter) and len(words(rest := _without_first(shorter))) >= LEAST_LEFT:
            shorter = rest
        return text if fails(shorter) else shorter

    return Requirement(
        name="opening",
        fails=fails,
        hint="Begin with other words.",
        repair=repair,
    )


def _without_phrases(used: tuple[str, ...]) -> Requirement:
    def fails(text: str) -> bool:
        spoken = f" {normalized(text)} "
        return any(f" {phrase} " in spoken for phrase in used)

    def repair(text: str) -> str:
        rest = " ".join(sentence for sentence in whole_sentences(text) if not fails(sentence))
        return rest if len(words(rest)) >= LEAST_LEFT else text

    return Requirement(
        name="stock-phrase", fails=fails, hint="Put it in words of its own.", repair=repair
    )


def _a_whole_turn() -> Requirement:
    return Requirement(
        name="too-little",
        fails=lambda text: len(words(text)) < LEAST_SAID,
        hint="Say more: two sentences.",
    )


def _something_new(latest: Sequence[str]) -> Requirement:
    # Of two or three words ("I'm nervous.", "Nervous.") no measure of likeness sees that they are
    # the same.
    said = {word for text in latest for word in content_words(text)}

    def fails(text: str) -> bool:
        told = content_words(text)
        return bool(told) and said.issuperset(told) and not load_lexicon().find(text)

    return Requirement(
        name="nothing-new",
        fails=fails,
        hint="Tell something that has not come up yet.",
    )


def _without_first(text: str) -> str:
    return " ".join(whole_sentences(text)[1:])


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


class AskingTexts(PartTexts):
    """Whether the counselor's turn ends with a question."""

    must: str
    must_not: str


class NoveltyTexts(PartTexts):
    """What is said of it."""

    asking: AskingTexts


def _barred(_: SessionState, direction: Direction, __: NoveltyTexts) -> str:
    used = direction.novelty.counselor if direction.novelty else None
    # All are checked for, the latest are told: a long list invites a small model to copy it.
    latest = (*used.openings[-_TOLD_OPENINGS:], *used.phrases) if used else ()
    return ", ".join(f'"{words}"' for words in latest)


def _asking(_: SessionState, direction: Direction, texts: NoveltyTexts) -> str:
    if direction.novelty is None or direction.asks_for_safety or direction.is_last:
        return ""
    return texts.asking.must if direction.novelty.asks else texts.asking.must_not


PART = DirectorPart(
    texts=NoveltyTexts,
    words={
        "counselor_said": lambda _, direction, __: (
            ", ".join(direction.novelty.counselor.points) if direction.novelty else ""
        ),
        "client_said": lambda _, direction, __: (
            ", ".join(direction.novelty.client.points) if direction.novelty else ""
        ),
        "barred": _barred,
        "asking": _asking,
    },
    decide=_decide,
    requirements={Speaker.COUNSELOR: _of_counselor, Speaker.CLIENT: _of_client},
    seeks_news=True,
)
