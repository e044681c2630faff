"""Telling whether a speaker repeats the instructions instead of following them."""

from collections.abc import Set

from magnet.prompts import OWN_WORDS
from magnet.state.text import word_runs


def echoes(text: str, *, instructions: Set[tuple[str, ...]]) -> bool:
    """Return whether a text shares a run of words with the prompts: see `PromptBook.own_words`."""
    return not word_runs(text, OWN_WORDS).isdisjoint(instructions)
