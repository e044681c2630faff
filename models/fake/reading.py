"""What the fake model reads out of a request: texts, the schema, the last utterance, the drafts.

It knows both layouts of the prompt book: the dialogue as messages, or as lines of one message.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

from magnet.models.fake.values import Schema

_LABELS = ("\nClient: ", "\nCounselor: ")
_DRAFT = re.compile(r"^([a-z][a-z0-9-]*)(?: \(chosen\))?: (.*)$", re.MULTILINE)


def content_of(message: Mapping[str, Any]) -> str:
    """Return the text of a message; of its parts, where it has parts."""
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(str(part.get("text", "")) for part in cast(list[dict[str, Any]], content))


def schema_of(body: Mapping[str, Any]) -> Schema | None:
    """Return the JSON schema of the answer that a request asks for; none for free text."""
    wanted: Mapping[str, Any] = body.get("response_format") or {}
    kind = wanted.get("type")
    if kind == "json_schema":
        return wanted["json_schema"].get("schema", {"type": "object"})
    return {"type": "object"} if kind == "json_object" else None


def telling_paragraphs(contents: Sequence[str]) -> Iterator[str]:
    """Yield the paragraphs that may hold the agent's instruction, the likeliest first.

    It ends the system's message or the last one; there, a hint or a dialogue may follow it.
    """
    yield from contents[0].rsplit("\n\n", 2)[:0:-1]
    yield from reversed(contents[-1].rsplit("\n\n", 3))


def last_utterance(message: str) -> str:
    """Return the utterance that a message asks to answer: a line of a dialogue, or its
    beginning.
    """
    start = max(message.rfind(label) for label in _LABELS)
    if start >= 0:
        line = message[start + 1 :].partition("\n")[0]
    else:
        line = message.partition("\n\n")[0].rpartition("\n")[2]
    return line.partition(": ")[2] or line


def count_utterances(contents: Sequence[str], prompt: str) -> int:
    """Count the utterances in a prompt: a message each, or a line each."""
    return max(len(contents) - 1, sum(prompt.count(label) for label in _LABELS))


def drafts_in(message: str) -> tuple[dict[str, str], str]:
    """Return the specialists' drafts in a message, by technique, and the text behind them."""
    drafts = {found[1]: found for found in _DRAFT.finditer(message)}
    end = max((found.end() for found in drafts.values()), default=0)
    return {technique: found[2] for technique, found in drafts.items()}, message[end:]
