"""Strings and numbers within the bounds of a JSON schema."""

import math
from collections.abc import Mapping
from random import Random
from typing import Any

Schema = Mapping[str, Any]

_FORMATS = {
    "date": "{year}-{month:02}-{day:02}",
    "date-time": "{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:00Z",
    "time": "{hour:02}:{minute:02}:00Z",
    "duration": "PT{minute}M",
    "email": "client{day}@example.org",
    "uri": "https://example.org/{day}",
    "ipv4": "192.0.2.{day}",
    "uuid": "{year:08x}-0000-4000-8000-{day:06x}{hour:06x}",
}


def formatted(name: str | None, rng: Random) -> str | None:
    """Return a string of one of JSON schema's formats; none for a format that is not known."""
    if name not in _FORMATS:
        return None
    return _FORMATS[name].format(
        year=rng.randint(1980, 2024),
        month=rng.randint(1, 12),
        day=rng.randint(1, 28),
        hour=rng.randint(0, 23),
        minute=rng.randint(0, 59),
    )


def cut(text: str, least: int, most: float) -> str:
    """Cut a text to `most` characters, behind a word where that leaves at least `least`."""
    if len(text) <= most:
        return text
    short = text[: int(most)]
    whole_words = short[:-1].rpartition(" ")[0].rstrip(" ,.;")
    if whole_words and len(whole_words) + 1 >= least:
        return f"{whole_words}."
    # White space at the end would not survive a reader that strips it.
    return f"{short[:-1]}." if short.endswith(" ") else short


def whole_number(schema: Schema, rng: Random) -> int:
    """Draw an integer."""
    step = schema.get("multipleOf", 1)
    return int(_on_grid(schema, step if step == int(step) else 1, rng))


def number(schema: Schema, rng: Random) -> float:
    """Draw a number, of two decimals where the bounds allow it."""
    if "multipleOf" in schema:
        return _on_grid(schema, schema["multipleOf"], rng)
    low, high = _bounds(schema, 1)
    if low == high:
        return low
    drawn = low + (high - low) * rng.uniform(0.01, 0.99)
    return round(drawn, 2) if low < round(drawn, 2) < high else drawn


def _on_grid(schema: Schema, step: float, rng: Random) -> float:
    low, high = _bounds(schema, step)
    first, last = math.ceil(low / step), math.floor(high / step)
    first += first * step == schema.get("exclusiveMinimum")
    last -= last * step == schema.get("exclusiveMaximum")
    return step * rng.randint(first, max(first, last))


def _bounds(schema: Schema, step: float) -> tuple[float, float]:
    """Return the bounds, exclusive ones included; an open side gets room for some ten values."""
    lows = [schema[word] for word in ("minimum", "exclusiveMinimum") if word in schema]
    highs = [schema[word] for word in ("maximum", "exclusiveMaximum") if word in schema]
    room = 10 * step
    high = min(highs, default=None)
    low = max(lows, default=0 if high is None or high > 0 else high - room)
    return low, low + room if high is None else high
