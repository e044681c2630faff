"""An answer that came as a stream of events, put together as one that came in one piece."""

from collections.abc import Iterator
from typing import Any, cast

import orjson

_DATA, _DONE = b"data:", b"[DONE]"
_PIECES = ("content", "reasoning_content", "reasoning", "refusal")


def is_stream(content: bytes) -> bool:
    """Return whether a body holds events and no JSON."""
    return content.lstrip().startswith((_DATA, b":", b"event:"))


def gathered(content: bytes) -> dict[str, Any]:
    """Return the completion that server-sent events tell.

    Raises:
        ValueError: An event is no JSON, or tells of an error.
    """
    answer: dict[str, Any] = {}
    message: dict[str, Any] = {"role": "assistant", "content": None}
    finish_reason: str | None = None
    for event in _events(content):
        if "error" in event:
            raise ValueError(f"the stream broke off: {event['error']}")
        answer |= {name: value for name, value in event.items() if name != "choices" and value}
        for choice in cast(list[dict[str, Any]], event.get("choices") or ()):
            delta = cast(dict[str, Any], choice.get("delta") or {})
            for name in _PIECES:
                if isinstance(piece := delta.get(name), str):
                    message[name] = (message.get(name) or "") + piece
            finish_reason = choice.get("finish_reason") or finish_reason
    if not answer and finish_reason is None:
        return {}
    choice = {"index": 0, "message": message, "finish_reason": finish_reason}
    return {**answer, "object": "chat.completion", "choices": [choice]}


def _events(content: bytes) -> Iterator[dict[str, Any]]:
    for line in content.splitlines():
        if line.startswith(_DATA) and (data := line[len(_DATA) :].strip()) not in (b"", _DONE):
            yield cast(dict[str, Any], orjson.loads(data))
