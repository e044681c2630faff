"""What an endpoint has refused, and how it is asked instead.

Servers of the chat-completions protocol differ in what they take: a JSON schema, bounds in it, a
seed, a temperature, the system role, an answer in one piece. What a refusal names is left out or
put another way, the same request is made again, and what worked holds for the endpoint from then
on. `docs/endpoints.md` names the servers behind each case.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, cast

import orjson

ResponseFormat = Literal["json_schema", "bare_schema", "json_object", "prompt"]
"""How an answer is held to a schema: by the endpoint; by it without bounds on lengths and numbers;
to JSON alone with the schema in the prompt; by the prompt alone."""
RESPONSE_FORMATS: Sequence[ResponseFormat] = ("json_schema", "bare_schema", "json_object", "prompt")

REFUSALS = frozenset({400, 422})
"""Statuses with which servers refuse a request for what it holds."""
BROKEN = frozenset({500, 501})
"""Statuses of servers that break on what a request holds: believed where they name it."""

LIMITS = ("max_tokens", "max_completion_tokens")
_NEEDED = frozenset({"model", "messages", *LIMITS})
# OpenAI's structured outputs take none of these in strict mode on all models, and vLLM's and
# llama.cpp's grammars not all of them. platform.openai.com/docs/guides/structured-outputs
_BOUNDS = frozenset(
    {
        *("maxLength", "minLength", "pattern", "format", "maxItems", "minItems", "uniqueItems"),
        *("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
        *("default", "title", "examples"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adaptation:
    """How an endpoint is asked."""

    omit: frozenset[str] = frozenset()
    """Fields of the request that it does not take."""
    response_format: ResponseFormat = "json_schema"
    system: Literal["system", "user"] = "system"
    """The role of what stands before the dialogue; `user` joins it to the first message."""
    stream: bool = False
    """Whether it answers in a stream of events alone."""
    limit_field: str | None = None
    """How it calls the limit of an answer's tokens; none leaves the provider's word."""

    def applied(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Return a request as the endpoint takes it."""
        asked = {name: value for name, value in body.items() if name not in self.omit}
        if self.limit_field is not None:
            limit = next((asked.pop(name) for name in LIMITS if name in asked), None)
            if limit is not None:
                asked[self.limit_field] = limit
        if "response_format" in asked:
            asked = _held_to_schema(asked, self.response_format)
        if self.system == "user":
            asked["messages"] = _without_system(asked["messages"])
        if self.stream:
            asked |= {"stream": True, "stream_options": {"include_usage": True}}
        return {name: value for name, value in asked.items() if name not in self.omit}

    def said(self, before: "Adaptation", provider: str) -> str:
        """Return what has changed, and the setting that spares the refused requests."""
        changed = {
            one.name: value
            for one in fields(self)
            if (value := getattr(self, one.name)) != getattr(before, one.name)
        }
        lines = ", ".join(f"{name} = {_toml(value)}" for name, value in changed.items())
        return (
            f"{provider}: it refused a request and answers this way: {lines}. Set that under "
            f"[providers.{provider}] in magnet.toml to ask so from the start"
        )


def alternatives(
    now: Adaptation, body: Mapping[str, Any], refusal: str
) -> Iterator[tuple[Adaptation, bool]]:
    """Yield other ways to make a refused request, the likeliest first.

    Args:
        now: How it was made.
        body: The request before it was adapted.
        refusal: What the endpoint said.

    Yields:
        A way, and whether the refusal names what it changes.
    """
    asked = now.applied(body)
    named = list(_named(now, asked, refusal))
    yield from ((one, True) for one in named)
    blind = [one for one in _all(now, asked) if one not in named]
    yield from ((one, False) for one in blind)


def _named(now: Adaptation, asked: Mapping[str, Any], refusal: str) -> Iterator[Adaptation]:
    text = refusal.lower()
    for field in sorted(LIMITS, key=len, reverse=True):
        if field in asked and field in text:
            other = next(name for name in LIMITS if name != field)
            yield replace(now, limit_field=other)
    if _has(text, "stream") and not now.stream:
        yield replace(now, stream=True)
    if _asks_for_schema(asked) and (_has(text, "schema", "response_format", "json", *_BOUNDS)):
        yield from _looser(now)
    roles = ("system", "developer", "role", "roles")
    if _has_system(asked) and _has(text, *roles):
        yield replace(now, system="user")
    for name in sorted(asked.keys() - _NEEDED - {"response_format"}):
        if _has(text, name):
            yield replace(now, omit=now.omit | {name})


def _all(now: Adaptation, asked: Mapping[str, Any]) -> Iterator[Adaptation]:
    if _asks_for_schema(asked):
        yield from _looser(now)
    for name in ("seed", "temperature"):
        if name in asked:
            yield replace(now, omit=now.omit | {name})
    if _has_system(asked):
        yield replace(now, system="user")
    if not now.stream:
        yield replace(now, stream=True)
    everything = replace(
        now,
        omit=now.omit | (asked.keys() & {"seed", "temperature"}),
        response_format="prompt",
        system="user",
    )
    yield everything


def _looser(now: Adaptation) -> Iterator[Adaptation]:
    place = RESPONSE_FORMATS.index(now.response_format)
    for response_format in RESPONSE_FORMATS[place + 1 :]:
        yield replace(now, response_format=response_format)


def _has(text: str, *words: str) -> bool:
    return any(re.search(rf"(?<![a-z]){re.escape(word.lower())}(?![a-z])", text) for word in words)


def _asks_for_schema(asked: Mapping[str, Any]) -> bool:
    return "response_format" in asked or _SCHEMA_WORDS in str(asked["messages"][-1]["content"])


def _has_system(asked: Mapping[str, Any]) -> bool:
    return any(one["role"] in ("system", "developer") for one in asked["messages"])


_SCHEMA_WORDS = "Answer with one JSON object of this JSON schema, and nothing else:"


def _held_to_schema(asked: dict[str, Any], how: ResponseFormat) -> dict[str, Any]:
    given = cast(dict[str, Any], asked["response_format"])
    wrapped = cast("dict[str, Any] | None", given.get("json_schema"))
    if how == "json_schema" or wrapped is None:
        return asked
    if how == "bare_schema":
        bare = {**wrapped, "schema": _without_bounds(wrapped["schema"])}
        return {**asked, "response_format": {**given, "json_schema": bare}}
    schema = orjson.dumps(wrapped["schema"]).decode()
    *before, last = cast(list[dict[str, Any]], asked["messages"])
    last = {**last, "content": f"{last['content']}\n\n{_SCHEMA_WORDS}\n{schema}"}
    rest = {name: value for name, value in asked.items() if name != "response_format"}
    loose = {"response_format": {"type": "json_object"}} if how == "json_object" else {}
    return {**rest, **loose, "messages": [*before, last]}


def _without_bounds(schema: Any, *, names: bool = False) -> Any:
    """Return a schema without bounds; the names of properties are the user's and stay."""
    if isinstance(schema, list):
        return [_without_bounds(one) for one in cast(list[Any], schema)]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _without_bounds(value, names=name in ("properties", "$defs") and not names)
        for name, value in cast(dict[str, Any], schema).items()
        if names or name not in _BOUNDS
    }


def _without_system(messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    system = [str(m["content"]) for m in messages if m["role"] in ("system", "developer")]
    rest = [dict(m) for m in messages if m["role"] not in ("system", "developer")]
    if not system:
        return rest
    if not rest or rest[0]["role"] != "user":
        return [{"role": "user", "content": "\n\n".join(system)}, *rest]
    rest[0]["content"] = "\n\n".join([*system, str(rest[0]["content"])])
    return rest


def _toml(value: object) -> str:
    if isinstance(value, frozenset):
        return orjson.dumps(sorted(cast(frozenset[str], value))).decode()
    return orjson.dumps(value).decode()
