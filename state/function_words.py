"""The words that only hold a sentence together."""

from functools import cache
from importlib.resources import files

from magnet.state.text import words

SHORTEST_CONTENT_WORD = 3


@cache
def function_words() -> frozenset[str]:
    """Read the closed classes of English, and what dialogue fills its pauses with."""
    text = files("magnet.state").joinpath("function_words.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def content_words(text: str) -> list[str]:
    """Give the words of a text that say what it is about, in their order, each once.

    Left out are function words, words of one or two letters, and numbers.
    """
    # What stands before an apostrophe is the word: "don" of "don't" is among the function words.
    bare = dict.fromkeys(word.partition("'")[0] for word in words(text))
    return [
        word
        for word in bare
        if word not in function_words()
        and len(word) >= SHORTEST_CONTENT_WORD
        and not word.isdecimal()
    ]
