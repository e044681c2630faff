"""Where an endpoint answers, ready to be called."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx
from pydantic import JsonValue

from magnet.models.asking_as_taken import Adapting


@dataclass(frozen=True, slots=True)
class Address:
    """Where an endpoint answers, ready to be called."""

    base_url: str
    model: str
    key: str
    timeout: float
    patience: float
    retries: int
    http: httpx.AsyncClient
    adapting: Adapting
    """How it is asked, shared by all agents."""
    limit_field: str = "max_tokens"
    body: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    """Sent with every request."""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    slots: bool = False
    """Whether the server keeps a prompt cache per agent, chosen by `id_slot`."""
