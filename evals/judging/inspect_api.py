"""Our endpoints as a model provider of Inspect: `magnet/MODEL_ID` is any of them.

Inspect's own providers know no embedded or fake model, and find other endpoints by variables of
their own. Named like this, a judge is found again by `inspect eval-retry`, from settings and
environment; its key is in no argument and so in no log.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from inspect_ai.model import (
    ChatMessage,
    GenerateConfig,
    Model,
    ModelAPI,
    ModelOutput,
    ModelUsage,
    StopReason,
    get_model,
    modelapi,
)
from inspect_ai.tool import ToolChoice, ToolInfo
from inspect_ai.util import JSONSchema
from langchain_core.exceptions import ContextOverflowError
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from magnet.models.endpoints import Endpoints
from magnet.models.keys import read_key
from magnet.models.model_id import EMBEDDED, FAKE, parse_model_id
from magnet.models.probe import probe
from magnet.models.settings import Settings, SettingsError, load_settings
from magnet.state.errors import Option

PROVIDER = "magnet"
"""The Inspect provider that answers for every model id."""


_JUDGE = "judge"

_MESSAGES: Mapping[str, type[BaseMessage]] = {
    "system": SystemMessage,
    "user": HumanMessage,
    "assistant": AIMessage,
}
_STOP_REASONS: Mapping[str, StopReason] = {
    "stop": "stop",
    "length": "max_tokens",
    "content_filter": "content_filter",
}
_SETTINGS: ContextVar[Settings | None] = ContextVar("judge_settings", default=None)


@contextmanager
def using(settings: Settings) -> Generator[None]:
    """Make models of Inspect from these settings in this block, not from the user's alone."""
    token = _SETTINGS.set(settings)
    try:
        yield
    finally:
        _SETTINGS.reset(token)


@modelapi(name=PROVIDER)
class EndpointAPI(ModelAPI):
    """One endpoint."""

    def __init__(
        self,
        model_name: str,
        base_url: str | None = None,
        api_key: str | None = None,
        config: GenerateConfig | None = None,
        **model_args: Any,
    ) -> None:
        """Open an endpoint.

        Args:
            model_name: a model id.
            base_url: not used: the settings say it.
            api_key: not used: the environment holds it.
            config: Inspect's defaults.
            model_args: none.

        Raises:
            SettingsError: if the model id, its provider or key cannot be used.
            ModelDownloadError, ModelStartError: if an embedded model cannot be had.
        """
        super().__init__(model_name, config=config or GenerateConfig())
        settings = _SETTINGS.get() or load_settings()
        self._endpoints = Endpoints(
            settings.model_copy(update={"models": {**settings.models, _JUDGE: model_name}})
        )
        self._address = self._endpoints.address(parse_model_id(model_name))

    async def generate(
        self,
        input: list[ChatMessage],
        tools: list[ToolInfo],
        tool_choice: ToolChoice,
        config: GenerateConfig,
    ) -> ModelOutput:
        """Ask once. Transport errors and refusals for load are met below, in the endpoint's client.

        Raises:
            openai.OpenAIError: if the endpoint does not answer, or refuses.
        """
        try:
            answer = await self._endpoints.chat(_JUDGE).ainvoke(
                [_MESSAGES[message.role](message.text) for message in input],
                None,
                **self._options(config),
            )
        except ContextOverflowError as error:
            return ModelOutput.from_content(
                self.model_name, "", stop_reason="model_length", error=str(error)
            )
        return self._output(answer)

    def connection_key(self) -> str:
        """Name the endpoint whose calls are counted together."""
        return self._address.base_url

    async def aclose(self) -> None:
        """Close the connections."""
        await self._endpoints.aclose()

    def _options(self, config: GenerateConfig) -> dict[str, Any]:
        options: dict[str, Any] = {"seed": config.seed, "temperature": config.temperature}
        if config.max_tokens is not None:
            options["extra_body"] = {self._address.limit_field: config.max_tokens}
        if config.response_schema is not None:
            schema = config.response_schema
            options["response_format"] = {
                "type": "json_schema",
                "json_schema": {
                    "name": schema.name,
                    "schema": _plain(schema.json_schema),
                    "strict": schema.strict,
                },
            }
        return {name: value for name, value in options.items() if value is not None}

    def _output(self, answer: AIMessage) -> ModelOutput:
        said = str(answer.response_metadata.get("finish_reason"))
        output = ModelOutput.from_content(
            self.model_name, answer.text, stop_reason=_STOP_REASONS.get(said, "unknown")
        )
        if (usage := answer.usage_metadata) is not None:
            cached = usage.get("input_token_details", {}).get("cache_read") or 0
            output.usage = ModelUsage(
                input_tokens=usage["input_tokens"] - cached,
                input_tokens_cache_read=cached,
                output_tokens=usage["output_tokens"],
                total_tokens=usage["total_tokens"],
            )
        return output


def _plain(schema: JSONSchema) -> Mapping[str, Any]:
    return schema.model_dump(exclude_none=True)


def judge_of(model: Model) -> str:
    """Return an Inspect model's model id: `magnet/vllm:NAME` and `vllm/NAME` are `vllm:NAME`."""
    provider, _, name = str(model).partition("/")
    return name if provider == PROVIDER else f"{provider}:{name}"


BATCHING = frozenset({"openai"})
"""Providers whose batch interface Inspect knows, under the same name."""


def calls_at_once(judge: str) -> int | None:
    """Return how many calls a judge is to get at once; none leaves it to Inspect.

    The embedded server answers one call as fast as several, and calls about the same session that
    follow each other find its prompt computed.
    """
    return 1 if parse_model_id(judge).provider == EMBEDDED else None


async def open_judge(settings: Settings, judge: str, *, batch: bool = False) -> Model:
    """Open a judge's model; close it as a context.

    Args:
        settings: of this invocation.
        judge: its model id.
        batch: by the provider's batch interface.

    Raises:
        SettingsError: if the model id, its provider or key cannot be used, or it has no batches.
        EndpointError: if the endpoint does not answer.
        ModelDownloadError, ModelStartError: if an embedded model cannot be had.
    """
    model_id = parse_model_id(judge)
    if batch and model_id.provider not in BATCHING:
        raise SettingsError(
            f"{{batch}}: {judge} has no batch interface; expected a judge of "
            f"{', '.join(sorted(BATCHING))}",
            batch=Option("batch"),
        )
    if model_id.provider in (EMBEDDED, FAKE):
        return _own(settings, judge)
    provider = settings.provider(model_id.provider)
    key = read_key(model_id, provider)
    await probe(model_id.provider, provider, key)
    if not batch:
        return _own(settings, judge)
    return get_model(
        f"{model_id.provider}/{model_id.model}",
        base_url=provider.base_url,
        api_key=key,
        memoize=False,
    )


def _own(settings: Settings, judge: str) -> Model:
    with using(settings):
        config = GenerateConfig(max_connections=calls_at_once(judge))
        return get_model(f"{PROVIDER}/{judge}", config=config, memoize=False)
