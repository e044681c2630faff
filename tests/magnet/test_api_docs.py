"""The examples of docs/python.md run as they are, one after the other."""

import ast
import asyncio
import inspect
import re
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, cast

import pytest

import magnet as api
from tests.magnet.commands import Magnet

PAGE = Path(__file__).parents[2] / "docs" / "python.md"
TEXT = PAGE.read_text(encoding="utf-8")


def blocks() -> list[tuple[int, str]]:
    """The examples, each with the line that it begins in."""
    return [
        (TEXT.count("\n", 0, found.start(1)), found[1])
        for found in re.finditer(r"^```python\n(.*?)^```", TEXT, re.M | re.S)
    ]


@pytest.mark.slow
def test_the_examples_run(magnet: Magnet, capfd: pytest.CaptureFixture[str]) -> None:
    names: dict[str, Any] = {}
    with asyncio.Runner() as runner:
        for line, block in blocks():
            code = compile(
                "\n" * line + block, str(PAGE), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
            )
            if code.co_flags & inspect.CO_COROUTINE:
                runner.run(cast(Coroutine[Any, Any, None], eval(code, names)))
            else:
                exec(code, names)
    said = capfd.readouterr()
    assert "tunrs" in said.out
    assert "did you mean turns" in said.out
    assert "Traceback" not in said.err
    assert Path("cactus.svg").exists()
    assert Path("evaluation/quality.json").exists()


def test_the_page_names_every_method_of_a_workspace() -> None:
    methods = {name for name in dir(api.SyncWorkspace) if not name.startswith("_")}
    unnamed = {name for name in methods if not re.search(rf"\b{name}\b", TEXT)}
    assert unnamed == set()
