"""The one place where a model is called, and asked again while its answers will not do."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any, Generic, TypeVar

from langchain_core.exceptions import ContextOverflowError
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langgraph.runtime import Runtime
from pydantic import JsonValue

from magnet.nodes.context import SessionContext
from magnet.nodes.director.telling import messages_for
from magnet.nodes.nothing_said import nothing_said
from magnet.state import (
    KEPT,
    Call,
    CallKey,
    Provenance,
    SessionState,
    Usage,
    current_exchange,
    derive_seed,
)
from magnet.state.answer_text import without_reasoning
from magnet.state.text import storable

T = TypeVar("T")

SHORTENED = "history-shortened"
# Shares of the exchanges that are left out, one after the other; at last all but the opening pair.
_SHORTER = (0.25, 0.5, 0.75)
# Answers to the whole dialogue before one that repeats what was said is followed by a shorter one.
_SHOWN_ALL = 2


@dataclass(frozen=True, slots=True)
class Answer:
    """A model's raw answer."""

    text: str
    truncated: bool
    """Whether the token limit cut it off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed(Generic[T]):
    """What a node makes of an answer."""

    value: T
    repairs: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    """Checks that it fails."""
    hint: str | None = None
    """What to tell the model when it is asked again; none when the answer will do."""
    penalty: int = 0
    """Of several answers that will not do, the one with the least is kept."""
    nothing_said: bool = False
    """Whether there is nothing in it to keep."""
    repeats: bool = False
    """Whether it repeats what was said, so that the model should be shown less of that."""


async def ask(
    state: SessionState,
    runtime: Runtime[SessionContext],
    *,
    agent: str,
    prompt: str,
    judge: Callable[[Answer], Assessed[T]],
    response_format: Mapping[str, Any] | None = None,
) -> tuple[T, Provenance]:
    """Ask an agent's model until an answer will do, or keep the least bad and flag it.

    Args:
        state: the session so far.
        runtime: LangGraph's, with the session's context.
        agent: the node that asks.
        prompt: name of the prompt file.
        judge: what the node makes of an answer.
        response_format: a JSON schema that the endpoint holds the answer to.

    Raises:
        NothingSaidError: if no answer holds anything to keep.
    """
    made: list[tuple[Call, Assessed[T]]] = []
    tries = runtime.context.checks.ask_again + 1
    while len(made) < tries:
        attempt = len(made)
        hint = made[-1][1].hint if made else None
        brief = attempt >= _SHOWN_ALL and made[-1][1].repeats
        key = CallKey(runtime.context.session, current_exchange(state), agent, attempt)
        logged = runtime.context.journal.find(key) is not None
        made.append(
            await _ask_once(state, runtime, key, prompt, hint, brief, judge, response_format)
        )
        if made[-1][1].hint is None:
            break
        if logged and len(made) == tries and all(one.nothing_said for _, one in made):
            # The session failed on these and is resumed: the model may have been mended since.
            tries += runtime.context.checks.ask_again + 1
    call, best = min(made, key=lambda one: (one[1].hint is not None, one[1].penalty))
    if best.nothing_said:
        raise nothing_said(call, len(made))
    return best.value, _account(call, best, made)


async def _ask_once(
    state: SessionState,
    runtime: Runtime[SessionContext],
    key: CallKey,
    prompt: str,
    hint: str | None,
    brief: bool,
    judge: Callable[[Answer], Assessed[T]],
    response_format: Mapping[str, Any] | None,
) -> tuple[Call, Assessed[T]]:
    context = runtime.context
    known = context.journal.find(key)
    if known is not None:
        judged = judge(_answer(known))
        return known, _flagged(judged, SHORTENED in (known.outcome or ""))

    role, model = context.models.describe(key.node)
    # The session's id is no part of its seeds: the same seed gives the same calls again.
    seed = derive_seed(state["settings"].seed, key.exchange, key.node, key.attempt)
    options: dict[str, Any] = {"seed": seed}
    if response_format is not None:
        options["response_format"] = response_format
    started, clock = datetime.now(UTC), time.perf_counter()
    message, messages, shortened = await _call(
        state, context, key.node, prompt, hint, brief, options
    )
    seconds = time.perf_counter() - clock
    finish_reason = str(message.response_metadata.get("finish_reason", ""))
    text = storable(message.text)
    usage = message.usage_metadata or UsageMetadata(input_tokens=0, output_tokens=0, total_tokens=0)
    call = Call(
        **key._asdict(),
        role=role,
        model=model,
        seed=seed,
        started=started,
        seconds=seconds,
        prompt_tokens=usage["input_tokens"],
        cached_tokens=usage.get("input_token_details", {}).get("cache_read") or 0,
        completion_tokens=usage["output_tokens"],
        retries=message.response_metadata.get("retries", 0),
        finish_reason=finish_reason,
        text=text,
        messages=_plain(messages) if context.keep_messages else None,
    )
    judged = _flagged(judge(_answer(call)), shortened)
    outcome = [*([KEPT] if judged.hint is None else []), *judged.failed]
    call = replace(call, outcome=",".join(outcome))
    await context.journal.record(call)
    runtime.stream_writer(call)
    return call, judged


def _answer(call: Call) -> Answer:
    return Answer(without_reasoning(call.text or ""), call.finish_reason == "length")


def _flagged(judged: Assessed[T], shortened: bool) -> Assessed[T]:
    return replace(judged, failed=(*judged.failed, SHORTENED)) if shortened else judged


async def _call(
    state: SessionState,
    context: SessionContext,
    agent: str,
    prompt: str,
    hint: str | None,
    brief: bool,
    options: Mapping[str, Any],
) -> tuple[AIMessage, list[BaseMessage], bool]:
    """Call the model; where the dialogue does not fit, with ever less of its middle."""
    model = context.models.chat(agent)
    messages_with = partial(messages_for, context.prompts, prompt, state, hint=hint)
    whole = messages_with()
    if not brief:
        with suppress(ContextOverflowError):
            return await model.ainvoke(whole, None, **options), whole, False
        for share in _SHORTER:
            messages = messages_with(shorten=share)
            with suppress(ContextOverflowError):
                return await model.ainvoke(messages, None, **options), messages, messages != whole
    # An agent that sees no dialogue, or one with nothing to leave out, is shown all there is.
    messages = messages_with(shorten=1.0)
    return await model.ainvoke(messages, None, **options), messages, messages != whole


def _account(kept: Call, best: Assessed[T], made: Sequence[tuple[Call, Assessed[T]]]) -> Provenance:
    return Provenance(
        seed=kept.seed,
        calls=len(made),
        usage=sum((call.usage for call, _ in made), Usage()),
        seconds=round(sum(call.seconds for call, _ in made), 3),
        repairs=best.repairs,
        rejected=tuple(",".join(judged.failed) for call, judged in made if call is not kept),
        flags=best.failed,
    )


def _plain(messages: Sequence[BaseMessage]) -> list[dict[str, JsonValue]]:
    return [{"role": message.type, "content": message.text} for message in messages]
