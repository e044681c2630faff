"""How a session becomes the text that is tokenized.

Both procedures drop mentions, addresses, tags and marks. `paper` is that of MAGneT (arXiv
2509.04183): what is dropped leaves nothing behind, line breaks included, so the last word of an
utterance is glued to the first of the next, and the letters of English are all there are. `plain`
is the same without gluing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

ProcedureName = Literal["plain", "paper"]

_MENTION_URL_TAG = re.compile(r"@\w+|https?://\S+|www\.\S+|#\w+")
_NOT_IN_PAPER = re.compile(r"[^0-9A-Za-z ]")
_APOSTROPHE = re.compile("['\u2019]")
_LETTERS = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Procedure:
    """One way to count."""

    text: Callable[[Sequence[str]], str]
    """Gives a session's text from its utterances."""
    tokenizer: str
    """SPEC of the tokenizer that it takes unless told otherwise."""


def paper_text(utterances: Sequence[str]) -> str:
    """Return a session's text as the paper's procedure has it."""
    return _NOT_IN_PAPER.sub("", _MENTION_URL_TAG.sub("", "\n".join(utterances)))


def plain_text(utterances: Sequence[str]) -> str:
    """Return a session's words with a space between them; those of any script are kept.

    As in the paper's procedure an apostrophe leaves nothing behind: "don't" stays one word.
    """
    text = _MENTION_URL_TAG.sub(" ", "\n".join(utterances))
    return " ".join(_LETTERS.findall(_APOSTROPHE.sub("", text)))


PROCEDURES: Mapping[ProcedureName, Procedure] = {
    "plain": Procedure(text=plain_text, tokenizer="words"),
    "paper": Procedure(text=paper_text, tokenizer="llama3"),
}
