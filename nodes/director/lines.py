"""The sentences that stand in for what a model did not say, and whether a text says it already."""

from random import Random

from magnet.state import LeaveReason, RiskKind
from magnet.state.languages import ENGLISH, load_language
from magnet.state.text import sentences, straight


def goodbye(rng: Random, language: str = ENGLISH) -> str:
    """Return a counselor's goodbye."""
    return rng.choice(load_language(language).lines.goodbye.lines)


def says_it_leaves(text: str, language: str = ENGLISH) -> bool:
    """Return whether a client says that it wants to stop."""
    return bool(load_language(language).lines.leaving.said.search(text))


def leave_taking(reason: LeaveReason, rng: Random, language: str = ENGLISH) -> str:
    """Return what a client says that wants to stop."""
    leaving = load_language(language).lines.leaving
    by_reason = {
        LeaveReason.RELIEVED: leaving.relieved,
        LeaveReason.FED_UP: leaving.fed_up,
        LeaveReason.OBLIGATION: leaving.obligation,
    }
    return rng.choice(by_reason[reason])


def asks_about(kind: RiskKind, text: str, language: str = ENGLISH) -> bool:
    """Return whether a counselor asks about a danger: in a question, by its name."""
    asks = load_language(language).lines.safety[kind].asks
    said = sentences(straight(text), language)
    questions = (s for s in said if s.rstrip("\"')").endswith("?"))
    return any(asks.search(question) for question in questions)


def names_help(text: str, language: str = ENGLISH) -> bool:
    """Return whether a counselor names where help is."""
    return bool(load_language(language).lines.help.named.search(text))


def safety_lines(kind: RiskKind, rng: Random, language: str = ENGLISH) -> tuple[str, str]:
    """Return what a counselor says of a danger: a question about it, and where help is."""
    lines = load_language(language).lines.safety[kind]
    return rng.choice(lines.ask), rng.choice(lines.help)
