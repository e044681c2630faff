from pathlib import Path

import pytest

from tests.magnet.commands import Magnet, magnet
from tests.store.foreign import cactus, published, write

__all__ = ["magnet"]


@pytest.fixture
def runs(magnet: Magnet, tmp_path: Path) -> None:
    """A run `old` of one method, and a run `mixed` of two."""
    write(tmp_path / "old" / "session_1.json", published("positive"))
    write(tmp_path / "old" / "session_2.json", published("neutral"))
    write(tmp_path / "mixed" / "session_3.json", published("negative"))
    write(tmp_path / "mixed" / "dialogue.json", cactus())
    for run in ("old", "mixed"):
        assert magnet("import", tmp_path / run, "--run", run).code == 0
