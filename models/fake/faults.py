"""How the fake server behaves: its settings, what goes wrong in it and when, how long it takes."""

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from magnet.models.fake.reply import Reply
from magnet.state import derive_seed


class Fault(StrEnum):
    """What can go wrong with a request."""

    RATE_LIMIT = "429"
    SERVER_ERROR = "500"
    BAD_GATEWAY = "502"
    UNAVAILABLE = "503"
    RESET = "reset"
    """The connection is closed without an answer."""
    HANG = "hang"
    """The answer comes after `hang_s` seconds."""
    TRUNCATED_JSON = "truncated_json"
    """The completion's content is cut in half, with finish reason `length`."""
    MALFORMED_BODY = "malformed_body"
    """The HTTP body is not JSON."""
    EMPTY = "empty"
    """The completion has no content."""
    CONTEXT_OVERFLOW = "context_overflow"
    """Refused as too long, if the prompt has over `context_tokens` tokens."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error that a server answers with, as OpenAI words it."""

    status: int
    code: str
    message: str


REFUSALS = {
    Fault.RATE_LIMIT: Refusal(429, "rate_limit_exceeded", "Rate limit reached."),
    Fault.SERVER_ERROR: Refusal(500, "server_error", "The server had an error."),
    Fault.BAD_GATEWAY: Refusal(502, "bad_gateway", "Bad gateway."),
    Fault.UNAVAILABLE: Refusal(503, "overloaded", "The model is overloaded."),
    Fault.CONTEXT_OVERFLOW: Refusal(
        400, "context_length_exceeded", "The prompt exceeds this model's maximum context length."
    ),
}


class FakeServerSettings(BaseModel):
    """What the fake server listens on, how fast it is, and how often what goes wrong."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=0, ge=0, le=65_535, description="0 takes a free one")
    latency_ms: float = Field(default=0, ge=0, description="of an answer; the median, with a sigma")
    latency_sigma: float = Field(default=0, ge=0, description="above 0, latency is lognormal")
    max_concurrency: int = Field(default=0, ge=0, description="requests at once; 0 is no limit")
    when_full: Literal["queue", "reject"] = Field(
        default="queue", description="what happens to a request above the limit; reject is a 429"
    )
    fail: float = Field(
        default=0, ge=0, le=1, description="probability of a fault, spread over all kinds evenly"
    )
    faults: dict[Fault, float] = Field(default={}, description="probability of each kind")
    hang_s: float = Field(default=30, ge=0)
    retry_after_s: float = Field(default=1, ge=0, description="what a 429 asks to wait")
    context_tokens: int = Field(
        default=1000, ge=0, description="shorter prompts meet no context overflow"
    )
    seed: int = Field(default=0, ge=0, description="of faults and latencies")
    log: Path | None = Field(default=None, description="file that gets a JSON line a request")

    @model_validator(mode="after")
    def _is_a_distribution(self) -> Self:
        chances = self.chances()
        if min(chances.values()) < 0 or sum(chances.values()) > 1 + 1e-9:
            raise ValueError(
                f"fail, faults: expected probabilities with a sum of at most 1, got {chances}"
            )
        return self

    def chances(self) -> dict[Fault, float]:
        """Return the probability of each kind of fault."""
        return {kind: self.faults.get(kind, 0) + self.fail / len(Fault) for kind in Fault}


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one request."""

    fault: Fault | None
    latency: float
    """Seconds."""


class Fates:
    """Draws each request's fate from the settings' seed and the request's number."""

    def __init__(self, settings: FakeServerSettings) -> None:
        self._settings = settings
        self._chances = tuple((kind, p) for kind, p in settings.chances().items() if p > 0)
        self._certain = not self._chances and settings.latency_sigma == 0
        self._calm = Fate(None, settings.latency_ms / 1000)

    def of(self, request_number: int) -> Fate:
        """Return the fate of a request."""
        if self._certain:
            return self._calm
        rng = Random(derive_seed(self._settings.seed, "fate", request_number))
        latency = self._calm.latency * rng.lognormvariate(0, self._settings.latency_sigma)
        drawn = rng.random()
        for kind, chance in self._chances:
            drawn -= chance
            if drawn < 0:
                return Fate(kind, self._settings.hang_s if kind is Fault.HANG else latency)
        return Fate(None, latency)


def spoiled(reply: Reply, fault: Fault | None) -> Reply:
    """Return the answer as the fault leaves it."""
    if fault is Fault.EMPTY:
        return replace(reply, text="", completion_tokens=0)
    if fault is Fault.TRUNCATED_JSON:
        return replace(
            reply,
            text=reply.text[: len(reply.text) // 2],
            finish_reason="length",
            completion_tokens=reply.completion_tokens // 2,
        )
    return reply
