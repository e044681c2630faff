import pytest

from magnet.models.at_once import at_once
from magnet.models.embedded import MAX_LANES
from magnet.settings import SESSION_ROLES, Settings


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
    assert at_once(Settings.model_validate(given), SESSION_ROLES) == expected
