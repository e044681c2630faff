"""The spans of a session: session > exchange > node > model call.

Names and attributes follow OpenTelemetry's semantic conventions for generative AI, as of semantic
conventions 1.41 (development status); those that they do not have begin with `magnet.`. Needs
the `traces` extra: import it there alone.
"""

import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from langchain_core.callbacks import AsyncCallbackHandler
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, LLMResult
from langgraph.errors import GraphBubbleUp
from opentelemetry.trace import Span, SpanKind, Status, StatusCode, Tracer, set_span_in_context
from opentelemetry.util.types import AttributeValue

from magnet.models.model_id import parse_model_id
from magnet.models.redaction import redact
from magnet.nodes import Models
from magnet.state import EndReason, Provenance, SessionState, current_exchange
from magnet.store import Session

# A session that is stopped has not failed.
_STOPPED = (GraphBubbleUp, asyncio.CancelledError, GeneratorExit)
_ROLES = {"human": "user", "ai": "assistant"}
_LIMITS = ("max_tokens", "max_completion_tokens")


class SessionSpans(AsyncCallbackHandler):
    """Spans from what LangGraph and LangChain tell of one playing of a session.

    Args:
        tracer: what makes spans.
        session: what is played.
        models: what answers its agents.
        texts: whether prompts and answers go with them.
    """

    def __init__(self, tracer: Tracer, session: Session, models: Models, *, texts: bool) -> None:
        self._tracer = tracer
        self._session = session
        self._models = models
        self._texts = texts
        self._root: UUID | None = None
        self._open: dict[UUID, Span] = {}
        self._exchange: tuple[int, Span] | None = None

    async def on_chain_start(
        self,
        serialized: dict[str, Any],
        inputs: dict[str, Any],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Begin the span of the session, then of each node; what runs inside a node has none."""
        if self._root is None:
            self._root = run_id
            self._open[run_id] = self._begin(
                f"invoke_workflow {self._session.method}",
                None,
                {
                    "gen_ai.operation.name": "invoke_workflow",
                    "gen_ai.workflow.name": self._session.method,
                    "magnet.run": self._session.run,
                    "magnet.attitude": self._session.attitude.value,
                    "magnet.turn_limit": self._session.settings.turn_limit,
                    "magnet.seed": self._session.settings.seed,
                },
            )
        elif parent_run_id == self._root:
            node = str((metadata or {})["langgraph_node"])
            self._open[run_id] = self._begin(
                f"invoke_agent {node}",
                self._exchange_span(current_exchange(cast(SessionState, inputs))),
                {"gen_ai.operation.name": "invoke_agent", **self._agent(node)},
            )

    async def on_chain_end(self, outputs: dict[str, Any], *, run_id: UUID, **kwargs: Any) -> None:
        """End the span of a node with the account of its answer, or that of the session."""
        span = self._open.get(run_id)
        if span is not None:
            account = _ending(outputs) if run_id == self._root else _account(outputs)
            span.set_attributes(_present(account))
            self._end(run_id)

    async def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """End the span of a node or session that could not go on."""
        self._fail(run_id, error)

    async def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Begin the span of a model call."""
        params: dict[str, Any] = kwargs["invocation_params"]
        sent = {**params.get("extra_body", {}), **params}
        node = str((metadata or {})["langgraph_node"])
        self._open[run_id] = self._begin(
            f"chat {params['model']}",
            self._open.get(parent_run_id) if parent_run_id else None,
            {
                "gen_ai.operation.name": "chat",
                **self._agent(node),
                "gen_ai.request.model": params["model"],
                "gen_ai.request.temperature": sent.get("temperature"),
                "gen_ai.request.max_tokens": next(filter(None, map(sent.get, _LIMITS)), None),
                "gen_ai.request.seed": params.get("seed"),
                "gen_ai.output.type": "json" if params.get("response_format") else "text",
                "gen_ai.input.messages": _as_json(messages[0]) if self._texts else None,
            },
            SpanKind.CLIENT,
        )

    async def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        """End the span of a model call with its answer's tokens."""
        generation = cast(ChatGeneration, response.generations[0][0])
        message = cast(AIMessage, generation.message)
        usage: Mapping[str, Any] = message.usage_metadata or {}
        about = message.response_metadata
        reason = about.get("finish_reason")
        answered: dict[str, AttributeValue | None] = {
            "gen_ai.response.id": about.get("id"),
            "gen_ai.response.model": about.get("model_name"),
            "gen_ai.response.finish_reasons": [reason] if reason else None,
            "gen_ai.usage.input_tokens": usage.get("input_tokens"),
            "gen_ai.usage.output_tokens": usage.get("output_tokens"),
            "gen_ai.usage.cache_read.input_tokens": usage.get("input_token_details", {}).get(
                "cache_read"
            ),
            "gen_ai.output.messages": _as_json([message], reason) if self._texts else None,
        }
        self._open[run_id].set_attributes(_present(answered))
        self._end(run_id)

    async def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """End the span of a model call that failed, after the client's own retries."""
        self._fail(run_id, error)

    def _agent(self, node: str) -> dict[str, AttributeValue | None]:
        _, model_id = self._models.describe(node)
        return {
            "gen_ai.agent.name": node,
            "gen_ai.provider.name": parse_model_id(model_id).provider,
        }

    def _exchange_span(self, number: int) -> Span:
        """Return the span of an exchange; the one before it ends where it begins."""
        if self._exchange is None or self._exchange[0] != number:
            self._end_exchange()
            session = self._open[self._root] if self._root else None
            span = self._begin(f"exchange {number}", session, {"magnet.exchange": number})
            self._exchange = number, span
        return self._exchange[1]

    def _begin(
        self,
        name: str,
        parent: Span | None,
        attributes: Mapping[str, AttributeValue | None],
        kind: SpanKind = SpanKind.INTERNAL,
    ) -> Span:
        return self._tracer.start_span(
            name,
            context=set_span_in_context(parent) if parent else None,
            kind=kind,
            attributes=_present({"gen_ai.conversation.id": self._session.id, **attributes}),
        )

    def _fail(self, run_id: UUID, error: BaseException) -> None:
        span = self._open.get(run_id)
        if span is None:
            return
        if not isinstance(error, _STOPPED):
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR, redact(str(error))))
        self._end(run_id)

    def _end(self, run_id: UUID) -> None:
        if run_id == self._root:
            self._end_exchange()
            self._root = None  # a breakpoint that is passed begins another run of the graph
        self._open.pop(run_id).end()

    def _end_exchange(self) -> None:
        if self._exchange is not None:
            self._exchange[1].end()
            self._exchange = None


def _present(attributes: Mapping[str, AttributeValue | None]) -> dict[str, AttributeValue]:
    return {name: value for name, value in attributes.items() if value is not None}


def _account(update: Mapping[str, Any]) -> dict[str, AttributeValue | None]:
    """Return what a node's update tells beside its texts: which checks its answers failed."""
    items = [item for value in update.values() for item in _listed(value)]
    provenances = [
        item.provenance
        for item in items
        if isinstance(getattr(item, "provenance", None), Provenance)
    ]
    return {
        "magnet.rejected": [reason for provenance in provenances for reason in provenance.rejected]
        or None,
        "magnet.flags": [flag for provenance in provenances for flag in provenance.flags] or None,
    }


def _ending(state: Any) -> dict[str, AttributeValue | None]:
    """Return why a session has ended, if it has."""
    ended = cast(Mapping[str, Any], state).get("end") if isinstance(state, Mapping) else None
    return {"magnet.end_reason": ended.value if isinstance(ended, EndReason) else None}


def _listed(value: Any) -> Sequence[Any]:
    return cast(Sequence[Any], value) if isinstance(value, list) else [value]


def _as_json(messages: Sequence[BaseMessage], finish_reason: str | None = None) -> str:
    """Write messages in the conventions' JSON schema for input and output messages."""
    ended = {"finish_reason": finish_reason} if finish_reason else {}
    return json.dumps(
        [
            {
                "role": _ROLES.get(message.type, message.type),
                "parts": [{"type": "text", "content": message.text}],
                **ended,
            }
            for message in messages
        ],
        ensure_ascii=False,
    )
