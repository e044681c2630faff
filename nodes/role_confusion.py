"""Telling whether a speaker talks as the other one would.

Small models fall out of their role: a client asks the counselor's questions, a counselor speaks
of its own trouble, or one says again what the other just said.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from magnet.state.text import near_duplicate, repeats_a_sentence, words
from magnet.state.utterance import Speaker

_MIN_COPIED_WORDS = 5

_COUNSELOR_ONLY_SPEECH = re.compile(
    r"\bhow (?:can|may) i (?:help|assist|support) you\b"
    r"|\bi(?:'m| am) here to (?:support|help|listen)\b"
    r"|\bas your (?:counsell?or|therapist|psychologist)\b"
    r"|\bhow (?:does|did|do) (?:that|this|it|those|these)(?: \w+)? make you feel\b"
    r"|\bwhat (?:comes up for you|goes through your mind)\b"
    r"|(?:^|[.?!]\s+)(?:can|could|would) you (?:tell me|share|describe|help me understand)\b[^?]*"
    r"\b(?:you(?:'re| are)?(?: \w+)? feel|makes you feel|your (?:feelings|emotions|anxiety"
    r"|depression|fears?|worries|struggles?|childhood|family))\b[^?]*\?"
    r"|(?:^|[.?!]\s+)it (?:sounds|seems) like you(?:'re| are|'ve been| have been)(?: \w+)? "
    r"(?:feeling|struggling|carrying|going through|dealing with|experiencing)\b"
    r"|\b(?:thank you for|thanks for|i appreciate you) (?:sharing|opening up|coming in)\b"
    r"|\bwhat i(?:'m| am) hearing (?:from you )?is\b"
    r"|\blet(?:'s| us) (?:explore|unpack|look at|work on|talk about) your\b"
    r"|\byou mentioned (?:feeling|that you(?:'re| are| feel))\b",
    re.I,
)
_CLIENT_ONLY_SPEECH = re.compile(
    r"\bmy (?:therapist|counsell?or|psychologist)\b"
    r"|\bas (?:a|your) (?:client|patient)\b"
    r"|\bmy (?:own )?(?:life|wife|husband|boss|marriage|boyfriend|girlfriend|fianc[e\u00e9]e?"
    r"|partner|mother|mom|mum|father|dad|parents|sister|brother|son|daughter|kids?|children|family"
    r"|problems?|depression|anxiety)\b"
    r"|\b(?:thank you|thanks)[^.?!]{0,40}\b(?:doctor|counsell?or)\b"
    r"|\b(?:thank you|thanks)(?: so much)? for (?:listening|(?:all )?your (?:help|advice|guidance))"
    r"|(?:^|[.?!]\s+)i(?:'ve| have) been (?:struggling|feeling|having (?:trouble|a hard time))\b"
    r"|,\s+counsell?or[.,?!](?! (?:or|and)\b)",
    re.I,
)
_FOREIGN_SPEECH: Mapping[Speaker, re.Pattern[str]] = {
    Speaker.CLIENT: _COUNSELOR_ONLY_SPEECH,
    Speaker.COUNSELOR: _CLIENT_ONLY_SPEECH,
}
# A client speaks mostly of itself, a counselor mostly of the client. The client's bounds are wider,
# since a resistant one may well talk about the counselor.
_FIRST_PERSON = frozenset(["i", "i'm", "i've", "i'd", "i'll", "me", "my", "myself", "mine"])
_SECOND_PERSON = frozenset(
    ["you", "you're", "you've", "you'd", "you'll", "your", "yours", "yourself"]
)


@dataclass(frozen=True, slots=True)
class _PronounBounds:
    foreign: frozenset[str]
    own: frozenset[str]
    least: int
    ratio: int

    def passed(self, spoken: Sequence[str]) -> bool:
        foreign = sum(word in self.foreign for word in spoken)
        own = sum(word in self.own for word in spoken)
        return foreign >= self.least and foreign > self.ratio * own


_PRONOUN_BOUNDS: Mapping[Speaker, _PronounBounds] = {
    Speaker.COUNSELOR: _PronounBounds(_FIRST_PERSON, _SECOND_PERSON, least=4, ratio=2),
    Speaker.CLIENT: _PronounBounds(_SECOND_PERSON, _FIRST_PERSON, least=6, ratio=3),
}
_QUOTATION = re.compile(
    r"\"[^\"]*\"|\u201c[^\u201d]*\u201d|\u2018[^\u2019]*\u2019|(?<!\w)'[^'\n]*'(?!\w)"
)


def speaks_as_other(text: str, speaker: Speaker, heard: Sequence[str] = ()) -> bool:
    """Say whether the text is what the other speaker would say, or copies what it said.

    Speech in quotation marks does not count: a client may quote somebody, a counselor a thought.
    """
    own_words = _QUOTATION.sub(" ", text).replace("\u2019", "'")
    if _FOREIGN_SPEECH[speaker].search(own_words):
        return True
    spoken = words(own_words)
    if _PRONOUN_BOUNDS[speaker].passed(spoken):
        return True
    # Who reflects turns "I" into "you": a whole sentence of the client's is no counselor's.
    if speaker is Speaker.COUNSELOR and repeats_a_sentence(own_words, heard[-1:]):
        return True
    # A short answer in the other's words ("Take care.") is no copy.
    return len(spoken) >= _MIN_COPIED_WORDS and any(near_duplicate(text, h) for h in heard)
