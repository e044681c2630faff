"""Finding one speaker's own turn in what a model wrote around it.

A model adds what its chat template or its training taught it: template tokens, a preface, a role
label, and further turns of both speakers.
"""

import re
from collections.abc import Sequence

from magnet.state.speech_patterns import ROLE_WORDS, label_pattern, turn_pattern
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


_ROLES = "|".join(ROLE_WORDS.values())
_PREFACE = re.compile(
    r"(?:(?:sure|certainly|of course|absolutely|okay|ok|great)\b[^\n:.!]{0,40}[,.!:]\s*)?"
    r"(?:here(?:['\u2019]s| is| are)|this is|below is|the following is)\b[^\n:.?!]{0,100}?\b"
    r"(?:(?:response|reply|utterance|rewrite)s?"
    rf"|(?:possible|revised|improved|rewritten|combined|(?:{_ROLES})(?:['\u2019]s)?) "
    r"(?:answer|version|message|statement|line|turn))\b[^\n:.?!]{0,80}[:\n]\s*"
    # With an interjection before it, whatever is announced is the answer.
    r"|(?:sure|certainly|of course|absolutely|okay|ok|great)[,.!]\s*"
    r"here(?:['\u2019]s| is| are)\b[^\n:.?!]{0,100}[:\n]\s*"
    # A client that says what it will do ends with a full stop: "Sure, I'll write it down."
    r"|(?:sure|certainly|of course|absolutely)[,.!]?\s+(?:let me|i(?:['\u2019]ll| will| can))\b"
    r"(?:[^\n:.?!]{0,60}:| (?:help|assist)(?: you)?(?: with (?:that|this))?[.!])\s*"
    r"|(?:(?:my|the|a|one) )?(?:possible|next|final|fused|combined|revised) "
    r"(?:response|utterance|reply|answer):\s*"
    r"|(?:response|reply|answer|utterance|output):\s*"
    rf"|as (?:the|a|your) (?:{_ROLES})\b[^\n:.?!]{{0,40}}:\s*"
    rf"|(?:the )?(?:{_ROLES}) (?:would|might|could) (?:say|respond|reply)[^\n:.?!]{{0,20}}:\s*",
    re.I,
)


def drop_preface(text: str) -> str:
    """Drop an announcement of the answer: "Sure, here's a possible response:"."""
    return text[match.end() :] if (match := _PREFACE.match(text)) else text


def drop_role_label(text: str, *, speaker: Speaker, names: Sequence[str] = ()) -> str:
    """Drop the speaker's own label at the start; the other's stays, for a check to find."""
    own = "|".join([ROLE_WORDS[speaker], "assistant", *map(re.escape, names)])
    match = re.match(label_pattern(own), text, re.I)
    return text[match.end() :] if match else text


def keep_own_turn(text: str, *, speaker: Speaker, names: Sequence[str] = ()) -> str:
    """Keep this speaker's first turn where the model went on to play both.

    A text that is the other's turn alone stays as it is, label and all, so that a check fails and
    the model is asked again.
    """
    own = "|".join([ROLE_WORDS[speaker], "assistant", *map(re.escape, names)])
    other = f"{ROLE_WORDS[speaker.other]}|user|human"
    if re.match(label_pattern(other), text, re.I):
        match = re.search(turn_pattern(own), text, re.I)
        return text[match.end() :] if match else text
    for match in re.finditer(turn_pattern(f"{own}|{other}"), text, re.I):
        if words(said := text[: match.start()]):
            return said
    return text
