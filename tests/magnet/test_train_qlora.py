"""`magnet train qlora`: what is told where fine-tuning cannot begin."""

from tests.magnet.commands import Magnet


def test_settings_that_are_nowhere_are_bad_use(magnet: Magnet) -> None:
    told = magnet("train", "qlora", "data", "--base", "m", "--out", "o", "--settings", "nosuch")
    assert (told.code, "nosuch: expected a preset" in told.said) == (2, True)


def test_a_folder_without_data_is_bad_use(magnet: Magnet) -> None:
    told = magnet("train", "qlora", "data", "--base", "m", "--out", "o")
    assert (told.code, told.said.startswith("error: data")) == (2, True)
