"""The sentences of `data/lines.toml`, and whether a text says already what they would say."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from magnet.state import LeaveReason, RiskKind
from magnet.state.text import sentences, straight

_FILE = Path(__file__).parent / "data" / "lines.toml"

Lines = Annotated[tuple[str, ...], Field(min_length=1)]
Pattern = Annotated[re.Pattern[str], AfterValidator(lambda found: re.compile(found.pattern, re.I))]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Goodbye(_Table):
    lines: Lines


class _Leaving(_Table):
    said: Pattern
    relieved: Lines
    fed_up: Lines = Field(alias="fed-up")
    obligation: Lines


class _Safety(_Table):
    asks: Pattern
    ask: Lines
    help: Lines


class _Help(_Table):
    named: Pattern


class _File(_Table):
    goodbye: _Goodbye
    leaving: _Leaving
    safety: Mapping[RiskKind, _Safety]
    help: _Help


@cache
def _lines() -> _File:
    return _File.model_validate(tomllib.loads(_FILE.read_text(encoding="utf-8")))


def goodbye(rng: Random) -> str:
    """Give a counselor's goodbye."""
    return rng.choice(_lines().goodbye.lines)


def says_it_leaves(text: str) -> bool:
    """Tell whether a client says that it wants to stop."""
    return bool(_lines().leaving.said.search(text))


def leave_taking(reason: LeaveReason, rng: Random) -> str:
    """Give what a client says that wants to stop."""
    leaving = _lines().leaving
    by_reason = {
        LeaveReason.RELIEVED: leaving.relieved,
        LeaveReason.FED_UP: leaving.fed_up,
        LeaveReason.OBLIGATION: leaving.obligation,
    }
    return rng.choice(by_reason[reason])


def asks_about(kind: RiskKind, text: str) -> bool:
    """Tell whether a counselor asks about a danger: in a question, by its name."""
    asks = _lines().safety[kind].asks
    questions = (s for s in sentences(straight(text)) if s.rstrip("\"')").endswith("?"))
    return any(asks.search(question) for question in questions)


def names_help(text: str) -> bool:
    """Tell whether a counselor names where help is."""
    return bool(_lines().help.named.search(text))


def safety_lines(kind: RiskKind, rng: Random) -> tuple[str, str]:
    """Give what a counselor says of a danger: a question about it, and where help is."""
    lines = _lines().safety[kind]
    return rng.choice(lines.ask), rng.choice(lines.help)
