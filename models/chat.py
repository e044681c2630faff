"""The chat model of every endpoint: langchain-openai's, with less work around each call.

`ChatOpenAI` sends a request through the `openai` client's typed method and reads the answer back
through its typed models: it walks every field of every message against the API's types, builds
objects that it then takes apart, and hands that to a thread. A session's prompts hold dozens of
messages, and this took half of the CPU time of a call (`benchmarks/throughput.py`). Here the same
client posts the same body as it is; retries, timeouts and errors stay the client's.
"""

import asyncio
from collections.abc import Mapping
from functools import partial
from typing import Any, cast

import httpx
import openai
import orjson
from langchain_core.callbacks import AsyncCallbackManagerForLLMRun
from langchain_core.exceptions import ContextOverflowError
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from pydantic import Field

from magnet.models.asking_as_taken import Adapting
from magnet.models.errors import EndpointSilentError, EndpointStoppedError
from magnet.models.events import gathered, is_stream
from magnet.models.filtered import is_filtered
from magnet.models.overflow import is_overflow
from magnet.models.pacing import is_used_up
from magnet.models.redaction import redact
from magnet.models.usage import readable_usage
from magnet.state.addresses import shown_url
from magnet.state.answer_text import with_reasoning

REFUSED = "refusal: "
"""How the finish reason of a refused answer begins; the model's words follow."""
_REASONING = ("reasoning_content", "reasoning")
_KEPT_OF_A_REFUSAL = 200
_KEPT_OF_A_FAULT = 500
_OPENAI = "openai.com"
_FORBIDDEN = 403
_STOPPED = (401, 402, _FORBIDDEN)
_NOT_FOUND = 404


def _gather(choice: dict[str, Any]) -> None:
    """Put into a choice's content, and its finish reason, what endpoints say elsewhere."""
    message: dict[str, Any] = choice["message"]
    thought = next((told for name in _REASONING if (told := message.get(name))), None)
    if isinstance(thought, str):
        message["content"] = with_reasoning(thought, message.get("content") or "")
    refusal = message.get("refusal")
    if isinstance(refusal, str) and refusal and not message.get("content"):
        choice["finish_reason"] = REFUSED + refusal[:_KEPT_OF_A_REFUSAL]


class MalformedAnswerError(openai.OpenAIError):
    """An endpoint's answer that cannot be read."""


class EndpointChat(ChatOpenAI):
    """A chat-completions endpoint."""

    adapting: Adapting = Field(default_factory=lambda: Adapting("endpoint"), exclude=True)
    """How it is asked, shared by all agents of the endpoint's model."""
    patience: float = Field(default=600.0, exclude=True)
    """Seconds for one call, its repeated requests included."""

    async def _agenerate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: AsyncCallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        """Ask once.

        Raises:
            ContextOverflowError: if the prompt does not fit into the model's context.
            MalformedAnswerError: if the answer is no JSON, or not of the protocol's shape.
            openai.OpenAIError: if the endpoint does not answer, or refuses.
        """
        body = cast(dict[str, Any], self._get_request_payload(messages, stop=stop, **kwargs))
        body = {**body.pop("extra_body", {}), **body}
        client: openai.AsyncOpenAI = self.root_async_client
        try:
            response = await self.adapting.ask(partial(_post, client, self.patience), body)
            result = self._create_chat_result(_read(response.content))
            if not result.generations:
                raise ValueError("no choices")
            repeated = response.request.headers.get("x-stainless-retry-count", 0)
            result.generations[0].generation_info = {
                **(result.generations[0].generation_info or {}),
                "retries": int(repeated),
            }
            return result
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise MalformedAnswerError(
                f"{shown_url(str(client.base_url))} gave no chat completion: "
                f"{type(error).__name__}: {redact(str(error))[:_KEPT_OF_A_FAULT]}"
            ) from None


async def _post(
    client: openai.AsyncOpenAI, patience: float, body: Mapping[str, Any]
) -> httpx.Response:
    """Post a request.

    Raises:
        ContextOverflowError: if the prompt does not fit into the model's context.
        EndpointStoppedError: if the endpoint takes no calls with this key, or no more.
        EndpointSilentError: if it has not answered in the time that there is for one call.
        openai.OpenAIError: if the endpoint does not answer, or refuses.
    """
    if not client.base_url.host.endswith(_OPENAI):
        # The environment may name an organization of OpenAI's, which is nobody else's business.
        client.organization = client.project = None
    where = shown_url(str(client.base_url))
    try:
        async with asyncio.timeout(patience):
            return await client.post("/chat/completions", body=body, cast_to=httpx.Response)
    except TimeoutError:
        raise EndpointSilentError(
            f"{where} has not answered a call in {patience:g} seconds. See whether it works, then "
            "resume; patience in its table in magnet.toml is how long a call may take"
        ) from None
    except openai.APIStatusError as error:
        # Some endpoints repeat the key, and an error is stored with its session.
        message = redact(_told(error))
        stopped = error.status_code in _STOPPED and not (
            error.status_code == _FORBIDDEN and is_filtered(message)
        )
        if stopped or is_used_up(message) or error.status_code == 429:
            raise EndpointStoppedError(
                f"{where} takes no more calls (status {error.status_code}): {message}. Resume when "
                "it does"
            ) from None
        if error.status_code == _NOT_FOUND and "/v1" not in where:
            message = f"{message}. Did you mean base_url = {where.rstrip('/')}/v1?"
        if is_overflow(error.status_code, message):
            raise ContextOverflowError(message) from None
        raise type(error)(message, response=error.response, body=None) from None
    except openai.OpenAIError:
        raise
    except Exception as error:
        # What goes wrong below the client tells of the request, its key included, and is stored.
        raise MalformedAnswerError(
            f"{where} gave no answer in HTTP: {type(error).__name__}: "
            f"{redact(str(error))[:_KEPT_OF_A_FAULT]}"
        ) from None


def _told(error: openai.APIStatusError) -> str:
    """Return what a refusal says; of one without OpenAI's `message` the client tells no more
    than the status.
    """
    text = " ".join(error.response.text.split())[:_KEPT_OF_A_FAULT]
    return error.message if " - " in error.message or not text else f"{error.message} - {text}"


def _read(content: bytes) -> dict[str, Any]:
    """Read an answer, whether it came in one piece or as a stream."""
    answer = gathered(content) if is_stream(content) else orjson.loads(content)
    answer["usage"] = readable_usage(answer.get("usage"))
    for choice in answer["choices"]:
        _gather(choice)
    return answer
