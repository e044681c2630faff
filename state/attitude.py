"""How a client meets the counseling: the three attitudes of CACTUS (arXiv 2407.03103)."""

from enum import StrEnum


class Attitude(StrEnum):
    """A client's stance toward the counselor and the work."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    NEGATIVE = "negative"
