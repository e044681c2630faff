"""The shape of `lines.toml`: sentences that stand in for what a model did not say."""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from magnet.state.director import RiskKind

Sentences = Annotated[tuple[str, ...], Field(min_length=1)]
Pattern = Annotated[re.Pattern[str], AfterValidator(lambda found: re.compile(found.pattern, re.I))]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Goodbye(_Table):
    """A counselor's goodbye."""

    lines: Sentences


class Leaving(_Table):
    """What a client says that wants to stop, by its reason."""

    said: Pattern
    relieved: Sentences
    fed_up: Sentences = Field(alias="fed-up")
    obligation: Sentences


class Safety(_Table):
    """What a counselor says of one kind of danger."""

    asks: Pattern
    ask: Sentences
    help: Sentences


class Help(_Table):
    """Where help is."""

    named: Pattern


class FallbackPlan(_Table):
    """A plan for any session, without its technique."""

    reason: str
    steps: Sentences


class Lines(_Table):
    """The file. Patterns tell whether a text says already what the sentences would say."""

    goodbye: Goodbye
    leaving: Leaving
    safety: Mapping[RiskKind, Safety]
    help: Help
    plan: FallbackPlan


def read_lines(file: Traversable) -> Lines:
    """Read the file."""
    return Lines.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
