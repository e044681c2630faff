"""One model call, as the log keeps it: what was asked of whom, what came back, at what cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import NamedTuple

from pydantic import JsonValue

from magnet.state.provenance import Usage

KEPT = "kept"


class CallKey(NamedTuple):
    """What identifies a model call: asked again under the same key, it is answered from the log."""

    session: str
    exchange: int
    node: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One model call, transport retries included."""

    session: str
    exchange: int  # from 1; the plan belongs to the first
    node: str
    attempt: int  # of the node to get a usable answer, from 0
    seed: int
    role: str
    model: str
    started: datetime
    seconds: float
    prompt_tokens: int = 0  # cached ones included
    cached_tokens: int = 0
    completion_tokens: int = 0
    retries: int = 0  # on transport errors
    finish_reason: str | None = None
    text: str | None = None  # the raw completion
    messages: Sequence[Mapping[str, JsonValue]] | None = None  # with the full call log only
    outcome: str | None = None  # KEPT, or the checks that it failed

    @property
    def key(self) -> CallKey:
        """Its identity."""
        return CallKey(self.session, self.exchange, self.node, self.attempt)

    @property
    def usage(self) -> Usage:
        """Its tokens; none where the endpoint did not tell."""
        return Usage.of(self.prompt_tokens, self.cached_tokens, self.completion_tokens)


def derive_seed(seed: int, *parts: object) -> int:
    """Derive a seed of 31 bits for a place from a seed: the same place, the same seed."""
    place = "/".join(str(part) for part in (seed, *parts))
    return int.from_bytes(blake2b(place.encode(), digest_size=4).digest(), "big") >> 1
