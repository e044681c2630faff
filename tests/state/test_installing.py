"""The command that adds an extra: of this Python, and from where the package came."""

import json
import shlex
import sys
from importlib.metadata import PackageNotFoundError

import pytest

from magnet.state import installing


class Recorded:
    """What an installer has recorded of where a package came from; none for an index."""

    def __init__(self, origin: object | None) -> None:
        self._origin = origin

    def read_text(self, filename: str) -> str | None:
        assert filename == "direct_url.json"
        return None if self._origin is None else json.dumps(self._origin)


@pytest.mark.parametrize(
    ("origin", "what"),
    [
        (None, ["magnet-counseling[eval]"]),
        ({"url": "https://x.org/m.whl", "archive_info": {}}, ["magnet-counseling[eval]"]),
        (
            {"url": "file:///home/a%20b/magnet", "dir_info": {"editable": True}},
            ["-e", "/home/a b/magnet[eval]"],
        ),
    ],
)
def test_an_extra_comes_from_where_the_package_came(
    origin: object | None, what: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "distribution", lambda _: Recorded(origin))
    command = shlex.split(installing.how_to_install("eval"))
    assert command == [sys.executable, "-m", "pip", "install", *what]


def test_a_package_that_is_only_on_the_path_comes_from_the_index(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> Recorded:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(installing, "distribution", missing)
    assert installing.how_to_install("eval").endswith(" install 'magnet-counseling[eval]'")
