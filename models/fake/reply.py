"""An answer of the fake model, and its two forms on the wire: one object, or a stream of events."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_WORDS_PER_EVENT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the fake model answers to one request."""

    id: str
    model: str
    agent: str
    """Name of the prompt that the request was made from, or `unknown`."""
    text: str
    finish_reason: str
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int

    def usage(self) -> dict[str, Any]:
        """Return the token counts as chat completions report them."""
        return {
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
            "prompt_tokens_details": {"cached_tokens": self.cached_tokens},
        }

    def completion(self) -> dict[str, Any]:
        """Return the chat-completions response object."""
        return {
            "id": self.id,
            "object": "chat.completion",
            "created": int(time.time()),
            "model": self.model,
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": self.text},
                    "finish_reason": self.finish_reason,
                    "logprobs": None,
                }
            ],
            "usage": self.usage(),
        }

    def events(self, *, include_usage: bool) -> Iterator[bytes]:
        """Yield the answer as server-sent events, a few words each."""
        frame: dict[str, Any] = {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": int(time.time()),
            "model": self.model,
        }
        words = self.text.split(" ")
        deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
        for start in range(0, len(words), _WORDS_PER_EVENT):
            piece = " ".join(words[start : start + _WORDS_PER_EVENT])
            deltas.append({"content": f" {piece}" if start else piece})
        for delta in deltas:
            yield _event({**frame, "choices": [_choice(delta, None)]})
        yield _event({**frame, "choices": [_choice({}, self.finish_reason)]})
        if include_usage:
            yield _event({**frame, "choices": [], "usage": self.usage()})
        yield b"data: [DONE]\n\n"


def wants_usage(body: dict[str, Any]) -> bool:
    """Return whether a streaming request asks for token counts at its end."""
    options: dict[str, Any] = body.get("stream_options") or {}
    return bool(options.get("include_usage"))


def _choice(delta: dict[str, Any], finish_reason: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "finish_reason": finish_reason}


def _event(chunk: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(chunk).encode() + b"\n\n"
