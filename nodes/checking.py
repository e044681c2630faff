"""Checks on what a model said, after cleaning: what fails is asked for again, or flagged."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from types import MappingProxyType

from magnet.nodes.echoes import echoes
from magnet.nodes.role_confusion import speaks_as_other
from magnet.state.function_words import content_words
from magnet.state.speech_patterns import (
    ABOUT_THE_COUNSELOR,
    ABOUT_THE_WORK,
    ASSISTANT_VOICE,
    NOTE,
    ROLE_LABEL,
    TECHNIQUE_NAME,
    about_in_third_person,
    is_glued,
)
from magnet.state.text import near_duplicate, repeats_a_sentence, words
from magnet.state.utterance import Speaker

MAX_WORDS = 220
_MAX_TRIGRAM_REPEATS = 5
_FEWEST_ECHOED = 5
_ELLIPSIS = re.compile(r"\.{2,}|\u2026")
# What may stand before the name of whoever is answered.
_ANSWERS = "sure|of course|yes|no|ok|okay|right|well|so|thanks|thank you"


@dataclass(frozen=True, slots=True)
class _Said:
    text: str
    speaker: Speaker
    earlier: Sequence[str]
    heard: Sequence[str]
    client_name: str
    instructions: Set[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Check:
    name: str
    fails: Callable[[_Said], bool]
    hint: str
    weight: int
    retry: bool = True


def _repeats_itself(said: _Said) -> bool:
    return any(near_duplicate(said.text, text) for text in said.earlier)


def _parrots(said: _Said) -> bool:
    # A counselor reflects in the client's words; a client that answers in the counselor's has
    # nothing to say. In the published sessions hardly any does: the test on them counts.
    if said.speaker is not Speaker.CLIENT or not said.heard:
        return False
    # "Let's think about what we found." has hardly a content word: whole sentences count too.
    if repeats_a_sentence(said.text, said.heard[-1:]):
        return True
    own, heard = content_words(said.text), set(content_words(said.heard[-1]))
    return len(own) >= _FEWEST_ECHOED and 2 * len(heard.intersection(own)) > len(own)


def _repeats_sentence(said: _Said) -> bool:
    return repeats_a_sentence(said.text, said.earlier)


_ABOUT: Mapping[Speaker, re.Pattern[str]] = {
    Speaker.CLIENT: ABOUT_THE_COUNSELOR,
    Speaker.COUNSELOR: ABOUT_THE_WORK,
}


def _speaks_from_outside(said: _Said) -> bool:
    # Neither speaks of the client by name: it is there, or it is oneself.
    by_name = said.client_name and about_in_third_person(said.client_name).search(said.text)
    return bool(by_name or _ABOUT[said.speaker].search(said.text))


def _calls_the_other_by_own_name(said: _Said) -> bool:
    if said.speaker is not Speaker.CLIENT or not said.client_name:
        return False
    name = re.escape(said.client_name)
    # But for a greeting, its capital tells the name from the word: "I try, hope, and give up."
    answered = rf"(?:^|[.!?]\s+)(?i:{_ANSWERS})\s+{name}"
    called = rf"(?:(?i:^(?:hi|hello|hey|dear)?\s*{name})|{answered}|,\s+{name})\s*[,.!?]"
    return bool(re.search(called, said.text))


def _is_degenerate(said: _Said) -> bool:
    spoken = words(said.text)
    runs = Counter(zip(spoken, spoken[1:], spoken[2:], strict=False))
    # Digits are plain too: "7/10." answers a question.
    text = _ELLIPSIS.sub("", said.text)
    plain = sum(character.isalnum() or character.isspace() for character in text)
    return max(runs.values(), default=0) > _MAX_TRIGRAM_REPEATS or 2 * plain < len(text)


_CHECKS = (
    _Check(
        "empty", lambda said: not words(said.text), "Say something: the answer was empty.", 1000
    ),
    _Check("not-language", _is_degenerate, "Answer in plain, ordinary sentences.", 90),
    _Check(
        "assistant-voice",
        lambda said: bool(ASSISTANT_VOICE.search(said.text)),
        "Stay in your role: you are a person in this conversation.",
        80,
    ),
    _Check(
        "other-role",
        lambda said: speaks_as_other(said.text, said.speaker, said.heard),
        "Speak only as yourself: that is what the other person in this conversation would say.",
        70,
    ),
    _Check(
        "role-label",
        lambda said: bool(ROLE_LABEL.search(said.text)),
        "Write only what you say, without a name or role in front and without the other's answer.",
        60,
    ),
    _Check(
        "note",
        lambda said: bool(NOTE.search(said.text)),
        "Write only what you say, without a remark about it.",
        50,
    ),
    _Check(
        "prompt-echo",
        lambda said: echoes(said.text, instructions=said.instructions),
        "Do not repeat your instructions: say something of your own to the other person.",
        55,
    ),
    _Check(
        "about-the-work",
        _speaks_from_outside,
        "Speak to the person in front of you: begin with the first word that they hear.",
        50,
    ),
    _Check(
        "own-name",
        _calls_the_other_by_own_name,
        "That is your own name: you do not know the counselor's.",
        45,
    ),
    _Check("near-duplicate", _repeats_itself, "Say something new, in other words.", 40),
    _Check(
        "parroting",
        _parrots,
        "Answer from your own life, in other words than the counselor's.",
        35,
    ),
    _Check(
        "technique-name",
        lambda said: said.speaker is Speaker.COUNSELOR and bool(TECHNIQUE_NAME.search(said.text)),
        "Use the technique without naming it.",
        30,
    ),
    _Check(
        "too-long",
        lambda said: len(words(said.text)) > MAX_WORDS,
        "Be much shorter: a few sentences.",
        20,
    ),
    _Check(
        "repeated-sentence",
        _repeats_sentence,
        "Find new words for every sentence.",
        10,
    ),
    _Check("glued", lambda said: is_glued(said.text), "Put a space after each sentence.", 1, False),
)

HINTS: Mapping[str, str] = MappingProxyType({check.name: check.hint for check in _CHECKS})
"""What to tell the model when it is asked again, by failed check."""

RETRY: frozenset[str] = frozenset(check.name for check in _CHECKS if check.retry)
"""The checks for which the model is asked again; the others are flags."""

CAUGHT = frozenset({"not-language", "near-duplicate", "repeated-sentence"})
"""The checks that a model fails, as a rule, which is caught in what was said and says it again."""

_WEIGHTS = {check.name: check.weight for check in _CHECKS}
_CALLERS_WEIGHT = 35


def check(
    text: str,
    speaker: Speaker,
    earlier: Sequence[str],
    *,
    heard: Sequence[str] = (),
    client_name: str = "",
    instructions: Set[tuple[str, ...]] = frozenset(),
) -> tuple[str, ...]:
    """Give the names of the checks that a cleaned utterance fails, the worst first.

    `earlier` are the speaker's own earlier utterances, `heard` the other speaker's; `client_name`
    is what the counselor calls the client, `instructions` are runs of words of the prompts.
    """
    said = _Said(text, speaker, earlier, heard, client_name, instructions)
    return tuple(check.name for check in _CHECKS if check.fails(said))


def badness(failed: Collection[str]) -> int:
    """Give how bad a text with these failed checks is, to keep the least bad of several.

    A name that is none of this table's is a check of the caller's own; each weighs alike.
    """
    return sum(_WEIGHTS.get(name, _CALLERS_WEIGHT) for name in failed)
