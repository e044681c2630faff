"""Content words: what is talked about, without the words that only hold a sentence together."""

from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from magnet.state import function_words
from magnet.state.languages import ENGLISH, load_language


@cache
def _stemmer(language: str) -> Callable[[str], str]:
    snowball: Any = import_module("snowballstemmer")
    return cache(snowball.stemmer(load_language(language).stemmer).stemWord)


@lru_cache(maxsize=8192)
def content_words(text: str, language: str = ENGLISH) -> frozenset[str]:
    """Return the distinct content words of a text as stems, so that "worry" meets "worries".

    See `magnet.state.function_words` for what is left out. Stems are those of the language's
    stemmer in Snowball; of English, Porter's second one.
    """
    return frozenset(map(_stemmer(language), function_words.content_words(text, language)))
