"""Reading signs of danger out of a client's words, by the list of its language."""

import re
from functools import cache

from magnet.state.director import RiskFinding
from magnet.state.languages import ENGLISH, load_language
from magnet.state.languages.risk_words import RiskWords
from magnet.state.text import straight

_WORDS_BEFORE = 3


class Lexicon:
    """The list, compiled."""

    def __init__(self, listed: RiskWords) -> None:
        self._negations = listed.negations
        self._negative_endings = listed.negative_endings
        self._lifts = re.compile(listed.lifts)
        self._denied = re.compile(rf"(?:{'|'.join(listed.denials)}){listed.also_denied}$")
        self._harmless = re.compile("|".join(listed.harmless))
        self._signs = {kind: re.compile("|".join(found)) for kind, found in listed.signs.items()}

    def find(self, text: str) -> list[RiskFinding]:
        """Return the first sign of each kind of danger that a text has."""
        plain = " ".join(self._harmless.sub(" ", straight(text.lower())).split())
        found = ((kind, self._first(pattern, plain)) for kind, pattern in self._signs.items())
        return [RiskFinding(kind=kind, by="lexicon", words=words) for kind, words in found if words]

    def _first(self, pattern: re.Pattern[str], plain: str) -> str | None:
        signs = (m for m in pattern.finditer(plain) if not self._negated(plain[: m.start()]))
        return next((match[0] for match in signs), None)

    def _negated(self, before: str) -> bool:
        if self._denied.search(before):
            return True
        clause = re.split(r"[.!?;,:]", before)[-1].split()
        places = [place for place, word in enumerate(clause) if self._negates(word)]
        if not places or len(clause) - places[-1] > _WORDS_BEFORE:
            return False
        return not self._lifts.search(" ".join(clause[places[0] + 1 :]))

    def _negates(self, word: str) -> bool:
        return word in self._negations or word.endswith(self._negative_endings)


@cache
def load_lexicon(language: str = ENGLISH) -> Lexicon:
    """Return the lexicon of a language."""
    return Lexicon(load_language(language).risk)
