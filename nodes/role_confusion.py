"""Telling whether a speaker talks as the other one would.

Small models fall out of their role: a client asks the counselor's questions, a counselor speaks
of its own trouble, or one says again what the other just said.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from magnet.state.languages import ENGLISH, PersonWords, load_language
from magnet.state.text import near_duplicate, repeats_a_sentence, words
from magnet.state.utterance import Speaker

_MIN_COPIED_WORDS = 5


@dataclass(frozen=True, slots=True)
class _PronounBounds:
    least: int
    ratio: int


# A client speaks mostly of itself, a counselor mostly of the client. The client's bounds are wider,
# since a resistant one may well talk about the counselor.
_BOUNDS: Mapping[Speaker, _PronounBounds] = {
    Speaker.COUNSELOR: _PronounBounds(least=4, ratio=2),
    Speaker.CLIENT: _PronounBounds(least=6, ratio=3),
}
_QUOTATION = re.compile(
    r"\"[^\"]*\"|\u201c[^\u201d]*\u201d|\u2018[^\u2019]*\u2019|(?<!\w)'[^'\n]*'(?!\w)"
)


def speaks_as_other(
    text: str, speaker: Speaker, heard: Sequence[str] = (), language: str = ENGLISH
) -> bool:
    """Return whether the text is what the other speaker would say, or copies what it said.

    Speech in quotation marks does not count: a client may quote somebody, a counselor a thought.
    """
    own_words = _QUOTATION.sub(" ", text).replace("\u2019", "'")
    persons = load_language(language).persons
    if persons.only[speaker.other].search(own_words):
        return True
    spoken = words(own_words)
    if _has_pronouns_of_other(spoken, speaker, persons):
        return True
    # Who reflects turns "I" into "you": a whole sentence of the client's is no counselor's.
    if speaker is Speaker.COUNSELOR and repeats_a_sentence(own_words, heard[-1:], language):
        return True
    # A short answer in the other's words ("Take care.") is no copy.
    return len(spoken) >= _MIN_COPIED_WORDS and any(near_duplicate(text, h) for h in heard)


def _has_pronouns_of_other(spoken: Sequence[str], speaker: Speaker, persons: PersonWords) -> bool:
    of_counselor, of_client = persons.second, persons.first
    if speaker is Speaker.CLIENT:
        own, foreign = of_client, of_counselor
    else:
        own, foreign = of_counselor, of_client
    bounds = _BOUNDS[speaker]
    count = sum(word in foreign for word in spoken)
    return count >= bounds.least and count > bounds.ratio * sum(word in own for word in spoken)
