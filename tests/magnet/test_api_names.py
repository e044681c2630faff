"""What `import magnet` offers, and what it costs."""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path
from typing import get_type_hints

import pytest

import magnet
from magnet.api.options import OPENING, PlayOptions, SessionOptions, WorkspaceOptions
from magnet.models.settings import Settings

SOURCE = Path(magnet.__file__).read_text(encoding="utf-8")


def test_importing_it_imports_nothing_of_what_it_is_made_of() -> None:
    program = "import sys, magnet; print(*sorted(n for n in sys.modules if n.startswith('magnet')))"
    imported = subprocess.run(
        [sys.executable, "-c", f"{program}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert imported[0] == "magnet"
    heavy = {"langgraph", "langchain_core", "openai", "sqlalchemy", "pydantic", "rich", "typer"}
    assert not heavy & {name.partition(".")[0] for name in imported[1].split()}


@pytest.mark.parametrize("name", magnet.__all__)
def test_every_name_is_there_and_says_what_it_is(name: str) -> None:
    value = getattr(magnet, name)
    assert inspect.getdoc(value)
    assert name in dir(magnet)


def test_type_checkers_see_the_names_where_they_are_loaded_from() -> None:
    [block] = [
        node
        for node in ast.parse(SOURCE).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    seen = {
        alias.name: f"{found.module}"
        for found in block.body
        if isinstance(found, ast.ImportFrom)
        for alias in found.names
    }
    assert sorted(seen) == sorted(magnet.__all__)
    for name, module in seen.items():
        assert getattr(magnet, name) is getattr(importlib.import_module(module), name)


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="open_workplace"):
        _ = magnet.open_workplace  # pyright: ignore[reportAttributeAccessIssue]


def test_the_options_are_the_settings() -> None:
    options = get_type_hints(WorkspaceOptions)
    assert set(options) == set(Settings.model_fields) - {"db"}
    own = set(get_type_hints(PlayOptions)) | {"concurrency"}
    assert set(Settings.model_fields) - OPENING <= own
    assert not OPENING & set(get_type_hints(SessionOptions))


def test_both_workspaces_have_the_same_methods() -> None:
    def public(kind: type) -> set[str]:
        return {name for name in dir(kind) if not name.startswith("_")}

    assert public(magnet.AsyncWorkspace) - public(magnet.SyncWorkspace) == {"rooms"}
    assert public(magnet.Playing) - public(magnet.SyncPlaying) == {"aclose"}


@pytest.mark.parametrize(
    "kind", [magnet.AsyncWorkspace, magnet.SyncWorkspace, magnet.Playing, magnet.SyncPlaying]
)
def test_every_method_says_what_it_takes(kind: type) -> None:
    methods = [
        value for name, value in inspect.getmembers(kind, inspect.isfunction) if name[0] != "_"
    ]
    assert methods
    for method in methods:
        told = inspect.getdoc(method) or ""
        for parameter in list(inspect.signature(method).parameters)[1:]:
            assert f"    {parameter}: " in told, f"{method.__qualname__}: {parameter}"
