"""Putting a sentence into what a model said."""

from magnet.state.speech_patterns import CLOSING_CUE
from magnet.state.text import whole_sentences


def added(text: str, line: str) -> str:
    """Return a text with a sentence at its end."""
    stop = "." if text[-1:].isalnum() else ""
    return f"{text}{stop} {line}".strip()


def added_before_goodbye(text: str, line: str) -> str:
    """Return a text with a sentence before its goodbye, or at its end."""
    said = whole_sentences(text)
    place = next((place for place, one in enumerate(said) if CLOSING_CUE.search(one)), len(said))
    return " ".join([added(" ".join(said[:place]), line), *said[place:]])
