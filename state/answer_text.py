"""What of a model's answer is meant to be read: without its thinking, and its JSON alone.

Reasoning models put their thinking before the answer, between tags or in a field of its own
(DeepSeek-R1, Qwen3, gpt-oss: see `docs/endpoints.md`); many models put JSON into a code fence or
behind a sentence. Planner, selector, director and judges all read answers through here.
"""

import json
import re
from typing import Any

# An answer can begin inside its thinking, where the chat template has opened the tag.
_OPEN = re.compile(r"<(think|thinking|reasoning|thought)>", re.I)
_CLOSE = re.compile(r"</(?:think|thinking|reasoning|thought)>", re.I)
_FENCED = re.compile(r"```\w*\s*(.*?)\s*```", re.S)
_MOST_STARTS = 50
"""Places at which an object is looked for: an answer of more is no answer."""


def with_reasoning(reasoning: str, text: str) -> str:
    """Return an answer with the thinking that its endpoint gave in a field of its own."""
    return f"<think>{reasoning}</think>\n{text}"


def without_reasoning(text: str) -> str:
    """Return an answer without its thinking; thinking that never ends leaves nothing."""
    closed = list(_CLOSE.finditer(text))
    for start in (0, *(one.end() for one in closed[:_MOST_STARTS])):
        if closed and _is_object(text[start:]):
            # What looks like a tag stands in its strings.
            return text[start:].lstrip() if start else text
    end = closed[-1] if closed else None
    rest = text[end.end() :] if end else text
    begin = _OPEN.match(rest.lstrip())
    return "" if begin else rest.lstrip() if end else text


def json_in(text: str) -> str:
    """Return the JSON object in an answer: the longest one; the whole text where there is none.

    What stands around it is left out: thinking, a code fence, a sentence before or after.
    """
    answer = without_reasoning(text).strip()
    decoder = json.JSONDecoder()
    best = ""
    place = answer.find("{")
    for _ in range(_MOST_STARTS):
        if place < 0:
            break
        end = _end_of_object(decoder, answer, place)
        if end - place > len(best):
            best = answer[place:end]
        place = answer.find("{", max(end, place + 1))
    return best or answer


def _is_object(text: str) -> bool:
    """Return whether a text is one JSON object and nothing else, but for a fence around it."""
    fenced = _FENCED.fullmatch(text.strip())
    inner = fenced[1] if fenced else text.strip()
    if not (inner.startswith("{") and inner.endswith("}")):
        return False
    try:
        json.loads(inner)
    except (ValueError, RecursionError):
        return False
    return True


def _end_of_object(decoder: json.JSONDecoder, text: str, start: int) -> int:
    """Return where the object that starts here ends; its start where it is none."""
    try:
        value: tuple[Any, int] = decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        return start
    return value[1]
