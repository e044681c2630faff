"""Method and experiment files that editors and accidents leave."""

from pathlib import Path

import pytest

from magnet.experiments.errors import ExperimentError
from magnet.experiments.reading import load_experiment
from magnet.graph.methods import MethodError, load_methods

DEEP = b"a = " + b"[" * 5000 + b"]" * 5000
ODD = [b"\xff\xfea\x00", b"a = '\x00'", DEEP]


@pytest.mark.parametrize("content", ODD, ids=["utf-16", "nul", "deep"])
def test_odd_file_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.toml"
    path.write_bytes(content)
    with pytest.raises(MethodError, match=r"odd\.toml"):
        load_methods(path)
    with pytest.raises(ExperimentError, match=r"odd\.toml"):
        load_experiment(path, [])


def test_byte_order_mark_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "bom.toml"
    path.write_bytes(b"\xef\xbb\xbf# nothing\n")
    assert load_methods(path) == load_methods()
