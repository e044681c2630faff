"""The shape of `risk.yaml`: the signs of danger in what a client writes."""

from collections.abc import Mapping
from importlib.resources.abc import Traversable

import yaml
from pydantic import BaseModel, ConfigDict

from magnet.state.director import RiskKind


class RiskWords(BaseModel):
    """The file. Whatever is no plain word is a regular expression, for text in lower case."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    negations: tuple[str, ...]
    """Words that take back a sign that follows within a few words."""
    negative_endings: tuple[str, ...]
    """Ends of words that do so."""
    lifts: str
    """What undoes a negation before it."""
    denials: tuple[str, ...]
    """What takes back a sign right behind it."""
    also_denied: str
    """Further items of a list that may stand between a denial and the sign."""
    harmless: tuple[str, ...]
    """What is taken out before signs are looked for."""
    signs: Mapping[RiskKind, tuple[str, ...]]


def read_risk_words(file: Traversable) -> RiskWords:
    """Read the file."""
    return RiskWords.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
