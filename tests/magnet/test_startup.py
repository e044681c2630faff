"""A command imports what it needs; listing the commands imports none of them."""

import ast
import asyncio
import re
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

import pytest

import magnet.cli.app as frame
from magnet.cli import main
from magnet.cli.table import COMMANDS, GROUPS
from magnet.state.errors import BadUseError
from tests.magnet.commands import Magnet, environment

MODULES = """
import sys
from magnet.cli import main
try:
    main()
finally:
    print(*(name for name in sys.modules), sep="\\n", file=sys.stderr)
"""
OF_THE_SHELL = {
    "magnet",
    "magnet.cli",
    "magnet.cli.app",
    "magnet.cli.console",
    "magnet.cli.group_help",
    "magnet.cli.table",
}
LIBRARIES = {"typer", "rich", "annotated_doc", "shellingham"}
"""What `--help` may import beside Python's own; the last two are Typer's."""


def modules(folder: Path, *arguments: str) -> set[str]:
    """What is imported when a command of its own process ends."""
    done = subprocess.run(
        (sys.executable, "-c", MODULES, *arguments),
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return set(done.stderr.split())


def packages(found: set[str]) -> set[str]:
    return {name.partition(".")[0] for name in found}


def ours(found: set[str]) -> set[str]:
    return {name for name in found if name.partition(".")[0] == "magnet"}


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_what_every_user_tries_first_imports_next_to_nothing(
    tmp_path: Path, arguments: Sequence[str]
) -> None:
    bare = subprocess.run(
        (sys.executable, "-c", "import sys; print(*sys.modules)"),
        capture_output=True,
        text=True,
        check=True,
    )
    found = modules(tmp_path, *arguments)
    known = {"magnet", *LIBRARIES, *sys.stdlib_module_names, *packages(set(bare.stdout.split()))}
    assert {
        name for name in packages(found) - known if not name.startswith("_sysconfigdata")
    } == set()
    assert ours(found) <= OF_THE_SHELL


@pytest.mark.parametrize("group", GROUPS)
def test_listing_the_commands_of_a_group_imports_none(tmp_path: Path, group: str) -> None:
    assert ours(modules(tmp_path, group, "--help")) <= OF_THE_SHELL


def test_listing_and_showing_sessions_need_no_langgraph(tmp_path: Path, magnet: Magnet) -> None:
    assert magnet("run", "--model", "fake", "--turns", 2, "--session", "one").code == 0
    for arguments in (["list"], ["list", "--json"], ["show", "one"], ["show", "one", "--prompts"]):
        heavy = {"langgraph", "langchain_core", "langchain_openai", "openai", "alembic", "torch"}
        assert heavy & packages(modules(tmp_path, *arguments)) == set()


def test_the_table_says_of_each_command_what_its_docstring_says() -> None:
    for words, entry in COMMANDS.items():
        module, _, function = entry.place.partition(":")
        found = getattr(import_module(f"magnet.cli.{module}"), function)
        assert found.__doc__.splitlines()[0] == entry.help, words
        assert words.split()[0] in GROUPS or " " not in words


def test_every_module_with_a_command_is_in_the_table() -> None:
    folder = Path(frame.__file__).parent
    with_options = {
        path.stem
        for path in folder.glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and re.search(r"typer\.|Annotated|: Db", ast.unparse(node.args))
    }
    assert with_options == {entry.place.partition(":")[0] for entry in COMMANDS.values()}


def test_an_unknown_command_is_answered_with_the_nearest(magnet: Magnet) -> None:
    outcome = magnet("trian")
    assert outcome.code == 2
    assert "Did you mean 'train'" in outcome.said


def test_in_a_notebook_the_command_line_names_the_python_api() -> None:
    async def call() -> None:
        main()

    with pytest.raises(BadUseError, match=r"magnet\.open_workspace"):
        asyncio.run(call())
