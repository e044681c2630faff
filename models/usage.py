"""The token counts of an endpoint's answer, as far as they can be believed."""

from collections.abc import Mapping
from typing import Any, cast

_MOST = 2**31 - 1
"""What a database counts; no answer has more."""


def readable_usage(usage: object) -> dict[str, Any] | None:
    """Return an answer's `usage` with whole numbers from 0 on; none where it cannot be believed.

    Endpoints have been seen to leave it out, and to send null, strings, fractions and negative
    numbers.
    """
    if not isinstance(usage, Mapping):
        return None
    given = cast(Mapping[str, Any], usage)
    prompt, completion = _count(given.get("prompt_tokens")), _count(given.get("completion_tokens"))
    if prompt is None or completion is None:
        return None
    details: object = given.get("prompt_tokens_details")
    cached = None
    if isinstance(details, Mapping):
        cached = _count(cast(Mapping[str, Any], details).get("cached_tokens"))
    return {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "prompt_tokens_details": {"cached_tokens": min(cached or 0, prompt)},
    }


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if not 0 <= value <= _MOST or value != int(value):
        return None
    return int(value)
