"""Putting a sentence into what a model said."""

from magnet.state.languages import load_language
from magnet.state.text import whole_sentences


def added(text: str, line: str) -> str:
    """Return a text with a sentence at its end."""
    stop = "." if text[-1:].isalnum() else ""
    return f"{text}{stop} {line}".strip()


def added_before_goodbye(text: str, line: str) -> str:
    """Return a text with a sentence before its goodbye, or at its end."""
    said = whole_sentences(text)
    cue = load_language().speech.closing_cue
    place = next((place for place, one in enumerate(said) if cue.search(one)), len(said))
    return " ".join([added(" ".join(said[:place]), line), *said[place:]])
