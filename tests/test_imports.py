"""Who may import whom: each room only what stands above it, and no module in a circle."""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "magnet"
SHELL = "magnet"
"""What lies in src/magnet/ itself: the public API and the command line."""

ABOVE: Mapping[str, frozenset[str]] = {
    "state": frozenset(),
    "prompts": frozenset({"state"}),
    "nodes": frozenset({"state", "prompts"}),
    "graph": frozenset({"state", "nodes"}),
    "checkpoints": frozenset({"state"}),
    "store": frozenset({"state"}),
    "models": frozenset({"state", "prompts", "nodes", "store"}),
    "sessions": frozenset({"state", "prompts", "nodes", "graph", "checkpoints", "store", "models"}),
    "evals": frozenset({"state", "prompts", "store", "models", "sessions"}),
    "training": frozenset({"state", "prompts", "store", "models", "sessions", "evals"}),
    SHELL: frozenset(
        {
            *("state", "prompts", "nodes", "graph", "checkpoints", "store"),
            *("models", "sessions", "evals", "training"),
        }
    ),
}
ROOMS = tuple(room for room in ABOVE if room != SHELL)


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str:
    """Return the room of a module `magnet.ROOM...`; every other module is the shell's."""
    room = module.split(".")[1] if "." in module else SHELL
    return room if room in ROOMS else SHELL


FILES = {
    module_of(path): path
    for folder in (PACKAGE, *(PACKAGE / room for room in ROOMS))
    for path in sorted(folder.rglob("*.py"))
}


def imported(module: str) -> Iterator[tuple[str, int]]:
    """Yield what a module imports anywhere in its text, with the line; of the project alone."""
    path = FILES[module]
    package = module.split(".") if path.name == "__init__.py" else module.split(".")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) + 1 - node.level] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            inner = [f"{base}.{alias.name}" for alias in node.names]
            names = [name if name in FILES else base for name in inner]
        else:
            continue
        for name in names:
            if name.partition(".")[0] == "magnet":
                yield name, node.lineno


@pytest.mark.parametrize("room", ABOVE)
def test_a_room_imports_only_what_stands_above_it(room: str) -> None:
    allowed = ABOVE[room] | {room}
    upward = [
        f"{FILES[module].relative_to(PACKAGE)}:{line} imports {name}"
        for module in FILES
        if room_of(module) == room
        for name, line in imported(module)
        if room_of(name) not in allowed
    ]
    assert upward == []


def test_every_import_of_the_project_is_of_a_module_that_is_there() -> None:
    missing = [
        f"{FILES[module].relative_to(PACKAGE)}:{line} imports {name}"
        for module in FILES
        for name, line in imported(module)
        if name not in FILES
    ]
    assert missing == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    edges = {module: {name for name, _ in imported(module)} for module in FILES}
    assert sum(map(len, edges.values())) > len(FILES), "hardly any import was found"
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        pytest.fail(f"import cycle: {' <- '.join(error.args[1])}", pytrace=False)


def test_no_room_stands_in_a_circle_or_below_what_it_may_import() -> None:
    order = list(ABOVE)
    for room, above in ABOVE.items():
        assert all(order.index(other) < order.index(room) for other in above)


def test_the_contributing_table_lists_the_rooms_in_this_order() -> None:
    table = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(?:src/)?(\w+)/` \|", table, re.M) == list(ABOVE)


def test_every_room_is_a_folder_with_a_link_in_the_package() -> None:
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    links = {path.name: path.resolve() for path in PACKAGE.iterdir() if path.is_symlink()}
    del links["example_intake"]
    assert folders == set(ROOMS)
    assert links == {room: ROOT / room for room in ROOMS}


def test_the_type_checker_reads_every_room() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        read = tomllib.load(file)["tool"]["pyright"]["include"]
    assert set(read) >= {"src/magnet", *(f"src/magnet/{room}" for room in ROOMS)}


def test_the_linter_bans_every_room_under_a_name_of_its_own() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        lint = tomllib.load(file)["tool"]["ruff"]["lint"]
    assert set(lint["flake8-tidy-imports"]["banned-api"]) == set(ROOMS)


def test_no_module_is_too_long_to_be_read_at_once() -> None:
    long = {
        module: lines
        for module, path in FILES.items()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > 300
    }
    assert long == {}
