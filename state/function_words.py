"""The words that say what a text is about, without those that only hold a sentence together."""

from magnet.state.languages import ENGLISH, load_language
from magnet.state.text import words

SHORTEST_CONTENT_WORD = 3


def content_words(text: str, language: str = ENGLISH) -> list[str]:
    """Return the words of a text that say what it is about, in their order, each once.

    Left out are function words, words of one or two letters, and numbers.
    """
    function_words = load_language(language).function_words
    # What stands before an apostrophe is the word: "don" of "don't" is among the function words.
    bare = dict.fromkeys(word.partition("'")[0] for word in words(text))
    return [
        word
        for word in bare
        if word not in function_words
        and len(word) >= SHORTEST_CONTENT_WORD
        and not word.isdecimal()
    ]
