"""Content words: what is talked about, without the words that only hold a sentence together."""

from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from magnet.state import function_words


@cache
def _stemmer() -> Callable[[str], str]:
    snowball: Any = import_module("snowballstemmer")
    return snowball.stemmer("english").stemWord


@cache
def _stem(word: str) -> str:
    return _stemmer()(word)


@lru_cache(maxsize=8192)
def content_words(text: str) -> frozenset[str]:
    """Give the distinct content words of a text as stems, so that "worry" meets "worries".

    See `magnet.state.function_words` for what is left out. Stems are those of Porter's English
    stemmer in Snowball.
    """
    return frozenset(map(_stem, function_words.content_words(text)))
