"""Checks on what a model said, after cleaning: what fails is asked for again, or flagged."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from types import MappingProxyType

from magnet.nodes.echoes import echoes
from magnet.nodes.role_confusion import speaks_as_other
from magnet.state.function_words import content_words
from magnet.state.languages import ENGLISH, SpeechPatterns, load_language
from magnet.state.role_labels import role_label
from magnet.state.text import is_glued, near_duplicate, repeats_a_sentence, words
from magnet.state.utterance import Speaker

MAX_WORDS = 220
_MAX_TRIGRAM_REPEATS = 5
_FEWEST_ECHOED = 5
_ELLIPSIS = re.compile(r"\.{2,}|\u2026")


@dataclass(frozen=True, slots=True)
class _Spoken:
    text: str
    speaker: Speaker
    earlier: Sequence[str]
    heard: Sequence[str]
    client_name: str
    instructions: Set[tuple[str, ...]]
    language: str

    @property
    def speech(self) -> SpeechPatterns:
        return load_language(self.language).speech


@dataclass(frozen=True, slots=True)
class _Check:
    name: str
    fails: Callable[[_Spoken], bool]
    hint: str
    weight: int
    retry: bool = True


def _repeats_itself(said: _Spoken) -> bool:
    return any(near_duplicate(said.text, text) for text in said.earlier)


def _parrots(said: _Spoken) -> bool:
    # A counselor reflects in the client's words; a client that answers in the counselor's has
    # nothing to say. In the published sessions hardly any does: the test on them counts.
    if said.speaker is not Speaker.CLIENT or not said.heard:
        return False
    # "Let's think about what we found." has hardly a content word: whole sentences count too.
    if repeats_a_sentence(said.text, said.heard[-1:], said.language):
        return True
    own = content_words(said.text, said.language)
    heard = set(content_words(said.heard[-1], said.language))
    return len(own) >= _FEWEST_ECHOED and 2 * len(heard.intersection(own)) > len(own)


def _repeats_sentence(said: _Spoken) -> bool:
    return repeats_a_sentence(said.text, said.earlier, said.language)


def _speaks_from_outside(said: _Spoken) -> bool:
    # Neither speaks of the client by name: it is there, or it is oneself.
    if said.client_name and said.speech.about_by_name(said.client_name).search(said.text):
        return True
    outside = {
        Speaker.CLIENT: said.speech.about_the_counselor,
        Speaker.COUNSELOR: said.speech.about_the_work,
    }
    return bool(outside[said.speaker].search(said.text))


def _calls_the_other_by_own_name(said: _Spoken) -> bool:
    if said.speaker is not Speaker.CLIENT or not said.client_name:
        return False
    return bool(said.speech.called_by_name(said.client_name).search(said.text))


def _names_a_technique(said: _Spoken) -> bool:
    name = load_language(said.language).techniques.name
    return said.speaker is Speaker.COUNSELOR and bool(name.search(said.text))


def _is_degenerate(said: _Spoken) -> bool:
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
        lambda said: bool(said.speech.assistant_voice.search(said.text)),
        "Stay in your role: you are a person in this conversation.",
        80,
    ),
    _Check(
        "other-role",
        lambda said: speaks_as_other(said.text, said.speaker, said.heard, said.language),
        "Speak only as yourself: that is what the other person in this conversation would say.",
        70,
    ),
    _Check(
        "role-label",
        lambda said: bool(role_label(said.language).search(said.text)),
        "Write only what you say, without a name or role in front and without the other's answer.",
        60,
    ),
    _Check(
        "note",
        lambda said: bool(said.speech.note.search(said.text)),
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
        _names_a_technique,
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
    _Check(
        "glued",
        lambda said: is_glued(said.text, said.language),
        "Put a space after each sentence.",
        1,
        False,
    ),
)

HINTS: Mapping[str, str] = MappingProxyType({check.name: check.hint for check in _CHECKS})
"""What to tell the model when it is asked again, by failed check."""

RETRY: frozenset[str] = frozenset(check.name for check in _CHECKS if check.retry)
"""The checks for which the model is asked again; the others are flags."""

REPEATS = frozenset({"not-language", "near-duplicate", "repeated-sentence"})
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
    language: str = ENGLISH,
) -> tuple[str, ...]:
    """Return the names of the checks that a cleaned utterance fails, the worst first.

    `earlier` are the speaker's own earlier utterances, `heard` the other speaker's; `client_name`
    is what the counselor calls the client, `instructions` are runs of words of the prompts, and
    `language` is the name of the text's language.
    """
    said = _Spoken(text, speaker, earlier, heard, client_name, instructions, language)
    return tuple(check.name for check in _CHECKS if check.fails(said))


def penalty(failed: Collection[str]) -> int:
    """Return how bad a text with these failed checks is, to keep the least bad of several.

    A name that is none of this table's is a check of the caller's own; each weighs alike.
    """
    return sum(_WEIGHTS.get(name, _CALLERS_WEIGHT) for name in failed)
