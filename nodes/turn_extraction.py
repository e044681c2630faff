"""Finding one speaker's own turn in what a model wrote around it.

A model adds what its chat template or its training taught it: template tokens, a preface, a role
label, and further turns of both speakers.
"""

import re
from collections.abc import Sequence

from magnet.state.languages import ENGLISH, load_language
from magnet.state.role_labels import CHAT_MODEL, CHAT_USER, label_pattern, turn_pattern
from magnet.state.text import words
from magnet.state.utterance import Speaker

_REASONING = re.compile(r"<think>.*?(?:</think>|\Z)|\A.*</think>", re.S | re.I)
_TURN_HEADER = re.compile(
    r"(?:<\|(?:start_header_id|im_start)\|>|<start_of_turn>)\s*(?:system|user|assistant|model)?"
    r"\s*(?:<\|end_header_id\|>)?",
    re.I,
)
_TURN_END = re.compile(r"<\|(?:eot_id|im_end|end|endoftext|end_of_text)\|>|</s>|<end_of_turn>")
_TOKEN = re.compile(
    r"<\|[^|<>\n]{1,40}\|>|</?s>|<(?:end|start)_of_turn>|<[be]os>|\[/?INST\]|<</?SYS>>|\[/?END\]",
    re.I,
)


def drop_template_tokens(text: str) -> str:
    """Drop a chat template's tokens, reasoning, and what follows the end of the turn."""
    text = _TURN_HEADER.sub("", _REASONING.sub("", text))
    said = _TURN_END.split(text, maxsplit=1)[0]
    return _TOKEN.sub("", said if words(said) else text)


def drop_preface(text: str, *, language: str = ENGLISH) -> str:
    """Drop an announcement of the answer: "Sure, here's a possible response:"."""
    match = load_language(language).speech.preface.match(text)
    return text[match.end() :] if match else text


def drop_role_label(
    text: str, *, speaker: Speaker, names: Sequence[str] = (), language: str = ENGLISH
) -> str:
    """Drop the speaker's own label at the start; the other's stays, for a check to find."""
    own = _own_labels(speaker, names, language)
    match = re.match(label_pattern(own, language), text, re.I)
    return text[match.end() :] if match else text


def keep_own_turn(
    text: str, *, speaker: Speaker, names: Sequence[str] = (), language: str = ENGLISH
) -> str:
    """Keep this speaker's first turn where the model went on to play both.

    A text that is the other's turn alone stays as it is, label and all, so that a check fails and
    the model is asked again.
    """
    own = _own_labels(speaker, names, language)
    other = f"{load_language(language).roles.speakers[speaker.other]}|{CHAT_USER}"
    if re.match(label_pattern(other, language), text, re.I):
        match = re.search(turn_pattern(own, language), text, re.I)
        return text[match.end() :] if match else text
    for match in re.finditer(turn_pattern(f"{own}|{other}", language), text, re.I):
        if words(said := text[: match.start()]):
            return said
    return text


def _own_labels(speaker: Speaker, names: Sequence[str], language: str) -> str:
    own = load_language(language).roles.speakers[speaker]
    return "|".join([own, CHAT_MODEL, *map(re.escape, names)])
