"""Reading signs of danger out of a client's words, by the list in `data/risk.yaml`."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict

from state import RiskKind
from state.director import RiskFinding
from state.text import straight

_FILE = Path(__file__).parent / "data" / "risk.yaml"
_WORDS_BEFORE = 3


class _Lists(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    negations: tuple[str, ...]
    harmless: tuple[str, ...]
    signs: Mapping[RiskKind, tuple[str, ...]]


class Lexicon:
    """The list, compiled."""

    def __init__(self, lists: _Lists) -> None:
        self._negations = lists.negations
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
        clause = re.split(r"[.!?;,:]", before)[-1]
        return any(
            word == negation or (negation == "n't" and word.endswith(negation))
            for word in clause.split()[-_WORDS_BEFORE:]
            for negation in self._negations
        )


@cache
def load_lexicon() -> Lexicon:
    """Read the list."""
    return Lexicon(_Lists.model_validate(yaml.safe_load(_FILE.read_text(encoding="utf-8"))))
