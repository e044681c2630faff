"""Reading signs of danger out of a client's words, by the list in `data/risk.yaml`."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from magnet.state import RiskKind
from magnet.state.director import RiskFinding
from magnet.state.text import straight

_FILE = Path(__file__).parent / "data" / "risk.yaml"
_WORDS_BEFORE = 3
# Further items of a list: "no history of abuse, violence or".
_ALSO_DENIED = r"(?:[\w-]+(?: [\w-]+)?(?:,(?: or| and)?| or| and) ){0,4}"


class _Lists(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    negations: tuple[str, ...]
    lifts: str
    denials: tuple[str, ...]
    harmless: tuple[str, ...]
    signs: Mapping[RiskKind, tuple[str, ...]]


class Lexicon:
    """The list, compiled."""

    def __init__(self, lists: _Lists) -> None:
        self._negations = lists.negations
        self._lifts = re.compile(lists.lifts)
        self._denied = re.compile(rf"(?:{'|'.join(lists.denials)}){_ALSO_DENIED}$")
        self._harmless = re.compile("|".join(lists.harmless))
        self._signs = {kind: re.compile("|".join(found)) for kind, found in lists.signs.items()}

    def find(self, text: str) -> list[RiskFinding]:
        """Give the first sign of each kind of danger that a text has."""
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
        return word in self._negations or ("n't" in self._negations and word.endswith("n't"))


@cache
def load_lexicon() -> Lexicon:
    """Read the list."""
    return Lexicon(_Lists.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8"))))
