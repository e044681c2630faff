"""A decision of an agent: an answer in JSON under a schema, read into a Pydantic model."""

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from langgraph.runtime import Runtime
from pydantic import BaseModel, ValidationError

from magnet.nodes.asking import Answer, Assessed, ask
from magnet.nodes.context import SessionContext
from magnet.state import Provenance, SessionState
from magnet.state.answer_text import json_in

M = TypeVar("M", bound=BaseModel)
UNREADABLE = "unreadable"


class Flaw(NamedTuple):
    """What is wrong with a readable answer."""

    name: str
    """Under which it is recorded."""
    hint: str
    """What to tell the model."""


def response_format(model: type[BaseModel]) -> dict[str, Any]:
    """Return the `response_format` that holds an endpoint's answer to a model's JSON schema.

    OpenAI, vLLM and llama.cpp constrain the answer to it.
    """
    schema = model.model_json_schema()
    return {
        "type": "json_schema",
        "json_schema": {"name": model.__name__, "schema": schema, "strict": True},
    }


async def decide(
    state: SessionState,
    runtime: Runtime[SessionContext],
    *,
    agent: str,
    prompt: str,
    answer_model: type[M],
    salvage: Callable[[str], M],
    check: Callable[[M], Flaw | None] = lambda _: None,
    optional: bool = False,
) -> tuple[M, Provenance]:
    """Ask an agent for a decision; an unreadable one is asked for again, then salvaged.

    Args:
        state: the session so far.
        runtime: LangGraph's, with the session's context.
        agent: the node that decides.
        prompt: name of the prompt file.
        answer_model: the answer's shape, whose JSON schema the endpoint is given.
        salvage: what to make of a text that never became readable, so that no session is lost.
        check: what is wrong with a readable answer; none when it will do.
        optional: whether the session goes on where no answer holds anything at all.

    Raises:
        NothingSaidError: where no answer holds anything, unless that is optional.
    """

    def judge(answer: Answer) -> Assessed[M]:
        try:
            value = answer_model.model_validate_json(json_in(answer.text))
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(str(part) for part in first["loc"]) or "the answer"
            return Assessed(
                value=salvage(answer.text),
                failed=(UNREADABLE,),
                hint=f"Your last answer could not be read: {place}: {first['msg']}.",
                penalty=2,
                nothing_said=not (optional or answer.text.strip()),
            )
        flaw = check(value)
        if flaw is None:
            return Assessed(value=value)
        return Assessed(value=value, failed=(flaw.name,), hint=flaw.hint, penalty=1)

    return await ask(
        state,
        runtime,
        agent=agent,
        prompt=prompt,
        judge=judge,
        response_format=response_format(answer_model),
    )
