"""What the extras `embedded` and `debug` bring, where they are not installed."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from magnet.models.embedded import EmbeddedServer
from magnet.models.errors import ModelStartError
from magnet.state.errors import Extra
from tests.magnet.commands import Magnet

# Finders that find nothing of what is not installed, before anything is imported.
WITHOUT = """
import sys

ABSENT = ("simpleeval", "xllamacpp", "huggingface_hub", "hf_xet")

class Finder:
    def __init__(self, finder):
        self.finder = finder

    def __getattr__(self, name):
        return getattr(self.finder, name)

    def find_spec(self, name, *where):
        absent = name.partition(".")[0] in ABSENT
        return None if absent else self.finder.find_spec(name, *where)

sys.meta_path[:] = map(Finder, sys.meta_path)
from magnet.cli import main
main()
"""


@pytest.mark.slow
def test_the_fake_model_needs_neither_extra(tmp_path: Path) -> None:
    command = ("run", "--model", "fake", "--turns", "2", "--stop-at", "client", "--session", "s1")
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT, *command],
        env={**os.environ, "MAGNET_DB": str(tmp_path / "sessions.db")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr


def test_without_llama_cpp_nothing_is_fetched_for_it(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    monkeypatch.setenv("MAGNET_CACHE_DIR", str(tmp_path / "cache"))
    ran = magnet("run", "--model", "embedded", "--turns", 2)
    assert ran.code == 1
    assert "llama.cpp" in ran.said
    assert "[embedded]" in ran.said
    assert not (tmp_path / "cache").exists()


def test_a_server_without_llama_cpp_names_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(ModelStartError) as repeats:
        EmbeddedServer(tmp_path / "any.gguf")
    assert repeats.value.references == {"install": Extra("embedded")}


def test_without_simpleeval_a_condition_names_its_extra(
    magnet: Magnet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "simpleeval", None)
    ran = magnet("run", "--model", "fake", "--turns", 2, "--stop-when", "turn == 3")
    assert ran.code == 2
    assert "simpleeval" in ran.said
    assert "[debug]" in ran.said
    # A node to stop at is no condition.
    assert magnet("run", "--model", "fake", "--turns", 2, "--stop-at", "client").code == 0
