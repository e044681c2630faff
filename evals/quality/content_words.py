"""Content words: what is talked about, without the words that only hold a sentence together."""

from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from importlib.resources import files
from typing import Any

from state.text import words

_SHORTEST = 3


@cache
def _stemmer() -> Callable[[str], str]:
    snowball: Any = import_module("snowballstemmer")
    return snowball.stemmer("english").stemWord


@cache
def _function_words() -> frozenset[str]:
    """Read the closed classes of English, and what dialogue fills its pauses with."""
    text = files("evals.quality").joinpath("function_words.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


@cache
def _stem(word: str) -> str:
    return _stemmer()(word)


@lru_cache(maxsize=8192)
def content_words(text: str) -> frozenset[str]:
    """Give the distinct content words of a text as stems, so that "worry" meets "worries".

    Left out are function words, words of one or two letters, and numbers. Stems are those of
    Porter's English stemmer in Snowball.
    """
    # What stands before an apostrophe is the word: "don" of "don't" is among the function words.
    bare = {word.partition("'")[0] for word in words(text)}
    return frozenset(
        _stem(word)
        for word in bare - _function_words()
        if len(word) >= _SHORTEST and not word.isdecimal()
    )
