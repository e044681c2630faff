"""How judges are asked."""

from dataclasses import dataclass

from magnet.evals.scales.prompts import Order

ANSWER_TOKENS = 512
"""Tokens that an answer may take, where its sheet does not allow more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """All that decides how a question is put, besides the question."""

    temperature: float | None = 0.0
    order: Order = "up"
    answer_tokens: int = ANSWER_TOKENS
    at_once: bool = False
    """Ask all about a session at once, and not the first question alone to fill a prefix cache."""
