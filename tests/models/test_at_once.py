from typing import cast

import httpx
import pytest

from magnet.models.address import Address
from magnet.models.asking_as_taken import Adapting
from magnet.models.at_once import at_once
from magnet.models.chat import EndpointChat
from magnet.models.embedded import MAX_LANES
from magnet.models.endpoints import Endpoints
from magnet.models.roles import SAMPLING
from magnet.models.settings import Settings
from magnet.models.slots import slots_for


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"model": "embedded"}, 1),
        ({"model": "embedded:smollm2-135m", "concurrency": 3}, 3),
        ({"model": "embedded", "concurrency": 30}, MAX_LANES),
        ({"model": "vllm:m", "concurrency": 30}, 30),
        ({"model": "vllm:m"}, 32),
        ({"model": "vllm:m", "models": {"client": "embedded"}}, 1),
        ({"model": "vllm:m", "models": {"judge": "embedded"}}, 32),
    ],
)
def test_sessions_at_once(given: dict[str, object], expected: int) -> None:
    played = [role for role in SAMPLING if role != "judge"]
    assert at_once(Settings.model_validate(given), played) == expected


def test_a_run_of_remote_models_is_as_wide_as_it_is_told_whatever_other_roles_would_take() -> None:
    models = {"counselor": "vllm:a", "client": "vllm:b"}
    settings = Settings.model_validate({"models": models, "concurrency": 32})
    assert Endpoints.of_run(settings, ["counselor", "client"], sessions=100).sessions == 32
    assert Endpoints.of_run(settings, ["counselor", "client"], sessions=3).sessions == 3
    assert Endpoints.of_run(settings, ["fusion", "client"], sessions=100).sessions == MAX_LANES


def test_each_session_on_the_embedded_model_asks_in_slots_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    address = Address(
        base_url="http://made.up/v1",
        model="m",
        key="k",
        timeout=1.0,
        patience=1.0,
        retries=0,
        http=httpx.AsyncClient(),
        adapting=Adapting("made-up"),
        slots=True,
    )
    monkeypatch.setattr(Endpoints, "address", lambda _self, _spec: address)
    endpoints = Endpoints(Settings(), sessions=2)

    def slot(lane: int) -> int:
        chat = cast(EndpointChat, endpoints.lane(lane).chat("client"))
        return cast(dict[str, int], chat.extra_body)["id_slot"]

    assert [slot(0), slot(1)] == [slots_for().slot_of("client", lane) for lane in (0, 1)]
