"""Settings of a fine-tuning: presets, and a file that differs from one."""

from pathlib import Path

import pytest

from magnet.training.qlora.errors import QloraSettingsError
from magnet.training.qlora.settings import load_settings


def written(tmp_path: Path, text: str) -> str:
    path = tmp_path / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_paper_preset_has_the_published_values() -> None:
    paper = load_settings("paper")
    assert (paper.rank, paper.alpha, paper.dropout) == (64, 16, 0.1)
    assert (paper.learning_rate, paper.epochs) == (2e-4, 3)
    assert (paper.quantize, paper.double_quant, paper.zero) == ("nf4", True, 2)
    assert len(paper.targets) == 7


def test_a_file_names_only_what_differs_from_the_default(tmp_path: Path) -> None:
    mine = load_settings(written(tmp_path, "rank = 8\nmax_steps = 5"))
    assert mine == load_settings().model_copy(update={"rank": 8, "max_steps": 5})


def test_a_file_may_differ_from_another_preset(tmp_path: Path) -> None:
    mine = load_settings(written(tmp_path, 'preset = "paper"\nrank = 8'))
    assert mine == load_settings("paper").model_copy(update={"rank": 8})


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("rnak = 8", "rnak"),
        ("dropout = 1.5", "dropout"),
        ('quantize = "int3"', "quantize"),
        ('preset = "papers"', "default, paper"),
        ("rank = ", "TOML"),
    ],
)
def test_what_cannot_be_used_is_named_with_the_file(tmp_path: Path, text: str, named: str) -> None:
    with pytest.raises(QloraSettingsError, match=named) as raised:
        load_settings(written(tmp_path, text))
    assert "mine.toml" in str(raised.value)


def test_a_preset_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(QloraSettingsError, match="default, paper"):
        load_settings("papr")
