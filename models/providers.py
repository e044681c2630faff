"""The endpoints that are known by name, and what a model's tokens cost."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from magnet.models.adapting import Adaptation, ResponseFormat
from magnet.state import Usage
from magnet.state.plugins import plugged_in

# A table can take no `null` to say that a provider of this name needs no key after all.
_Variable = Annotated[str, AfterValidator(lambda name: name or None)]


class Provider(BaseModel):
    """An endpoint that speaks OpenAI's chat-completions protocol."""

    model_config = ConfigDict(extra="forbid")

    base_url: str
    key_variable: _Variable | None = Field(
        default=None,
        description="environment variable that holds the key; none, or an empty name, needs no key",
    )
    timeout: float = Field(default=180.0, gt=0, description="seconds for one request")
    patience: float = Field(
        default=600.0, gt=0, description="seconds for one call, all its requests together"
    )
    retries: int = Field(default=4, ge=0, description="requests repeated after transport errors")
    limit_field: Literal["max_tokens", "max_completion_tokens"] = Field(
        default="max_tokens", description="how the endpoint calls the limit of an answer's tokens"
    )
    response_format: ResponseFormat = Field(
        default="json_schema", description="how an answer is held to a JSON schema"
    )
    system: Literal["system", "user"] = Field(
        default="system", description="user joins the system text to the first user message"
    )
    stream: bool = Field(default=False, description="answers are asked for as a stream of events")
    omit: frozenset[str] = Field(
        default=frozenset(), description="fields of a request that the endpoint does not take"
    )
    top_p: float | None = Field(default=None, gt=0, le=1, description="sent with every request")
    extra_body: dict[str, JsonValue] = Field(
        default={}, description="fields that are sent with every request besides ours"
    )
    headers: dict[str, str] = Field(default={}, description="sent with every request")

    @property
    def way(self) -> Adaptation:
        """How the endpoint is asked, before it has refused anything."""
        return Adaptation(
            omit=self.omit,
            response_format=self.response_format,
            system=self.system,
            stream=self.stream,
        )


class Price(BaseModel):
    """What a model's tokens cost, per million, in the user's currency."""

    model_config = ConfigDict(extra="forbid")

    prompt: float = Field(ge=0)
    cached: float | None = Field(default=None, ge=0, description="none costs as prompt tokens do")
    completion: float = Field(ge=0)

    def of(self, usage: Usage) -> float:
        """Return the cost of some tokens."""
        cached = self.prompt if self.cached is None else self.cached
        computed = usage.prompt - usage.cached
        parts = computed * self.prompt + usage.cached * cached + usage.completion * self.completion
        return parts / 1e6


PROVIDERS: Mapping[str, Provider] = {
    "openai": Provider(
        base_url="https://api.openai.com/v1",
        key_variable="OPENAI_API_KEY",
        limit_field="max_completion_tokens",
    ),
    "openrouter": Provider(
        base_url="https://openrouter.ai/api/v1", key_variable="OPENROUTER_API_KEY"
    ),
    "vllm": Provider(base_url="http://localhost:8000/v1"),
    "ollama": Provider(base_url="http://localhost:11434/v1"),
}
"""Those that ship with the software."""


@cache
def known_providers() -> Mapping[str, Provider]:
    """Return the providers by name: those that ship, and those of installed distributions.

    One of another distribution is an entry point of the group `magnet.providers`: a `Provider`, or
    a function that returns one. The entry point's name is the provider's.

    Raises:
        PluginError: if one of them cannot be used.
    """
    return {**PROVIDERS, **plugged_in("magnet.providers", Provider, shipped=PROVIDERS)}
