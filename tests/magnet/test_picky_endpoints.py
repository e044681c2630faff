"""Endpoints that do not take what others take are asked in a way that they take."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from magnet.models.fake.reply import Reply
from tests.magnet.commands import Magnet
from tests.magnet.endpoint import Answer, as_usual, endpoint, refusing

Body = dict[str, Any]


def schema_of(body: Body) -> Body | None:
    given = body.get("response_format", {})
    return given.get("json_schema", {}).get("schema") if given else None


def has_key(value: Any, key: str) -> bool:
    if isinstance(value, dict):
        return key in value or any(has_key(one, key) for one in value.values())
    return isinstance(value, list) and any(has_key(one, key) for one in value)


def no_schema(body: Body) -> Answer | None:
    if schema_of(body) is None:
        return None
    return refusing(
        400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported."
    )


def no_schema_in_plain_text(body: Body) -> Answer | None:
    return None if schema_of(body) is None else (422, b"Unprocessable Entity")


def no_response_format(body: Body) -> Answer | None:
    if "response_format" not in body:
        return None
    return refusing(400, "Unknown field: response_format")


def no_bounds(body: Body) -> Answer | None:
    if not has_key(schema_of(body), "maxLength"):
        return None
    return refusing(400, "Invalid schema for response_format: 'maxLength' is not permitted.")


def no_field(name: str, message: str) -> Callable[[Body], Answer | None]:
    return lambda body: refusing(400, message) if name in body else None


def no_system(body: Body) -> Answer | None:
    if all(one["role"] != "system" for one in body["messages"]):
        return None
    return refusing(
        400, "Conversation roles must alternate user/assistant; System role not supported"
    )


def stream_alone(body: Body) -> Answer | None:
    return None if body.get("stream") else refusing(400, "This model only supports stream mode")


def other_limit(body: Body) -> Answer | None:
    if "max_tokens" not in body:
        return None
    return refusing(
        400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    )


def two_at_once(body: Body) -> Answer | None:
    return no_schema(body) or no_field("seed", "seed: Extra inputs are not permitted")(body)


SERVERS: dict[str, tuple[Callable[[Body], Answer | None], str]] = {
    "no schema": (no_schema, "response_format = "),
    "no schema, plain text": (no_schema_in_plain_text, "response_format = "),
    "no response_format": (no_response_format, 'response_format = "prompt"'),
    "no bounds in a schema": (no_bounds, 'response_format = "bare_schema"'),
    "no seed": (no_field("seed", "Extra inputs are not permitted: seed"), 'omit = ["seed"]'),
    "no temperature": (
        no_field("temperature", "Unsupported value: 'temperature' does not support 0.7"),
        'omit = ["temperature"]',
    ),
    "no system role": (no_system, 'system = "user"'),
    "stream alone": (stream_alone, "stream = true"),
    "another limit": (other_limit, 'limit_field = "max_completion_tokens"'),
    "two at once": (two_at_once, 'omit = ["seed"]'),
}


def as_asked(served: Any) -> Callable[[Reply], Answer]:
    """Answer as usual, or as a stream where that is asked for."""

    def answer(reply: Reply) -> Answer:
        if not served.requests[-1].get("stream"):
            return as_usual(reply)
        whole = reply.completion()
        choice = whole["choices"][0]
        half = len(choice["message"]["content"]) // 2
        pieces = choice["message"]["content"][:half], choice["message"]["content"][half:]
        events = [
            {**whole, "usage": None, "choices": [{"index": 0, "delta": {"content": piece}}]}
            for piece in pieces
        ]
        end = {"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}
        events += [{**whole, "usage": None, "choices": [end]}, {**whole, "choices": []}]
        lines = [f"data: {json.dumps(event)}\n\n" for event in events]
        return 200, "".join([*lines, "data: [DONE]\n\n"]).encode()

    return answer


@pytest.mark.parametrize(("refuse", "said"), SERVERS.values(), ids=SERVERS.keys())
def test_a_session_is_played_and_the_way_is_said_once(
    magnet: Magnet, tmp_path: Path, refuse: Callable[[Body], Answer | None], said: str
):
    with endpoint() as served:
        served.answer = as_asked(served)
        served.declare(tmp_path)
        assert magnet("run", "--model", "ours:m", "--turns", 4, "--session", "plain").code == 0
        usual = len(served.requests)
        served.refuse = refuse
        picky = magnet("run", "--model", "ours:m", "--turns", 4, "--session", "picky")
        assert picky.code == 0, picky.said
        asked = served.requests[usual:]
    assert said in picky.said
    assert picky.said.count("[providers.ours]") == 1
    # What it does not take is found out once, by the calls that were under way: not at every call.
    refused = [body for body in asked if refuse(body) is not None]
    assert 1 <= len(refused) <= 8
    assert all(refuse(body) is None for body in asked[12:])
    plain, found = [magnet("show", name, "--json").json for name in ("plain", "picky")]
    assert len(plain["utterances"]) == len(found["utterances"])
    assert not [u for u in found["utterances"] if u["making"] and u["making"]["flags"]]
    # The fake model keeps to what the schema says alone: without bounds, a plan may be too short.
    assert refuse is no_bounds or "unreadable" not in found["plan"]["making"]["flags"]


def test_refusals_of_the_moment_that_name_nothing_change_nothing(magnet: Magnet, tmp_path: Path):
    refused = 0

    def three_times(_: Body) -> Answer | None:
        nonlocal refused
        refused += 1
        return refusing(400, "Bad Request") if refused <= 3 else None

    with endpoint() as served:
        served.refuse = three_times
        served.declare(tmp_path)
        run = ("run", "--model", "ours:m", "--turns", 4, "--session", "s")
        assert magnet(*run).code == 0
    assert all("seed" in body for body in served.requests[5:])
    assert any(schema_of(body) for body in served.requests[5:])
