"""Small measures of a text, shared by the checks on a fresh answer and by the evaluation."""

import re
from collections.abc import Iterable
from functools import lru_cache

from magnet.state.languages import ENGLISH, load_language

NEAR_DUPLICATE = 0.5
"""Trigram Jaccard index from which one text counts as a repetition of another."""

MIN_SENTENCE_WORDS = 5
"""Sentences under this many words ("I don't know.") are not counted as repetitions."""

_WORD = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_STRAIGHT = str.maketrans({"\u2018": "'", "\u2019": "'"})
_FINISHED = re.compile(r"[.!?\u2026)\"'\u201d\u2019]\s*$")
_CLOSING_MARKS = "\"'\u201d\u2019)*] \n\t"


def words(text: str) -> list[str]:
    """Return the words of a text, lower-cased, with straight apostrophes; "don't" is one word."""
    return _WORD.findall(straight(text.lower()))


def straight(text: str) -> str:
    """Return a text with straight apostrophes."""
    return text.translate(_STRAIGHT)


def storable(text: str) -> str:
    """Take out what no database holds as text: half of a surrogate pair, and NUL."""
    return text.encode("utf-8", "ignore").decode("utf-8").replace("\0", "")


def normalized(text: str) -> str:
    """Return the form in which two texts are compared for equality: the words, nothing else."""
    return " ".join(words(text))


@lru_cache(maxsize=8192)
def word_trigrams(text: str) -> frozenset[tuple[str, ...]]:
    """Return the distinct runs of three words.

    A text of one or two words is one run of that length, so that two equal short texts are
    duplicates; a text without words has none.
    """
    found = tuple(words(text))
    if len(found) <= 3:
        return frozenset([found] if found else [])
    return frozenset(zip(found, found[1:], found[2:], strict=False))


def word_runs(text: str, length: int) -> frozenset[tuple[str, ...]]:
    """Return the distinct runs of so many words."""
    found = words(text)
    return frozenset(zip(*(found[start:] for start in range(length)), strict=False))


def trigram_jaccard(a: str, b: str) -> float:
    """Return the Jaccard index of two texts' word trigrams, 0 to 1; 0 where either has no words."""
    first, second = word_trigrams(a), word_trigrams(b)
    shared = len(first & second)
    return shared / (len(first) + len(second) - shared) if shared else 0.0


def near_duplicate(a: str, b: str) -> bool:
    """Return whether two texts are nearly or exactly the same; two without words are not."""
    return trigram_jaccard(a, b) >= NEAR_DUPLICATE


def sentences(text: str, language: str = ENGLISH) -> list[str]:
    """Split a text after closing punctuation that white space follows, and at line ends."""
    between = load_language(language).sentences.between
    return [part.strip() for part in between.split(text) if part.strip()]


def whole_sentences(text: str, language: str = ENGLISH) -> list[str]:
    """Split a text only where one sentence plainly ends and another begins."""
    no_end = load_language(language).sentences.no_end
    whole: list[str] = []
    for piece in sentences(text, language):
        first = next(filter(str.isalpha, piece), "A")
        if whole and (no_end.search(whole[-1]) or first.islower() or _in_quotation(whole[-1])):
            whole[-1] = f"{whole[-1]} {piece}"
        else:
            whole.append(piece)
    return whole


def _in_quotation(text: str) -> bool:
    return text.count('"') % 2 == 1 or text.count("\u201c") > text.count("\u201d")


def countable_sentences(text: str, language: str = ENGLISH) -> list[str]:
    """Return the normalized sentences that are long enough to count as repeated when said again."""
    found = map(words, sentences(text, language))
    return [" ".join(spoken) for spoken in found if len(spoken) >= MIN_SENTENCE_WORDS]


def repeats_a_sentence(text: str, others: Iterable[str], language: str = ENGLISH) -> bool:
    """Return whether a text has a sentence of another that is long enough to count."""
    said = set(countable_sentences(text, language))
    return any(not said.isdisjoint(countable_sentences(other, language)) for other in others)


def opening(text: str, n: int = 3) -> str:
    """Return the first `n` words, or as many as there are."""
    return " ".join(words(text)[:n])


def ends_with_question(text: str) -> bool:
    """Return whether the last mark is a question mark; closing quotes and brackets do not
    matter.
    """
    return text.rstrip(_CLOSING_MARKS).endswith("?")


def is_finished(text: str) -> bool:
    """Return whether a text ends with closing punctuation; one without was cut off."""
    return bool(_FINISHED.search(text))


def is_glued(text: str, language: str = ENGLISH) -> bool:
    """Return whether a sentence begins right behind another: `done.What`."""
    glued = load_language(language).sentences.glued
    return any(match["stop"] for match in glued.finditer(text))


def unglue(text: str, language: str = ENGLISH) -> str:
    """Put a space between glued sentences."""
    glued = load_language(language).sentences.glued
    return glued.sub(lambda m: f"{m['stop']} " if m["stop"] else m[0], text)
