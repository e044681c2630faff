"""Write the reference pages: commands from the command line's own help, the API from docstrings.

`python docs/reference.py` writes them; with `--check` it writes nothing and fails if one is stale.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import griffe
import typer
from typer.cli import get_docs_for_click

import magnet
from magnet.cli.app import command_line

DOCS = Path(__file__).parent
COMMANDS = """# Commands

Every command of `magnet` with its options, as `magnet COMMAND --help` shows them. This page is
generated: `make docs` writes it. See also [the Python API](api.md).

"""
API = """# The Python API

What `import magnet` offers, from the docstrings. This page is generated: `make docs` writes it.
See also [the commands](commands.md).

"""


def commands_page() -> str:
    """Return the page of all commands."""
    command = typer.main.get_command(command_line())
    context = typer.Context(command, info_name="magnet")
    pages = get_docs_for_click(obj=command, ctx=context, name="magnet")
    # The page has a title of its own, and each example stands in code.
    lines = [
        f"Example: `{line.removeprefix('Example: ')}`" if line.startswith("Example: ") else line
        for line in pages.partition("**Usage**")[2].splitlines()
    ]
    return COMMANDS + "**Usage**" + "\n".join(lines).rstrip() + "\n"


def api_page() -> str:
    """Return the page of all names in `magnet.__all__`."""
    package = griffe.load("magnet", docstring_parser="google", resolve_aliases=True)
    parts: list[str] = []
    for name in sorted(magnet.__all__):
        found = package[name]
        parts += _described(found.final_target if found.is_alias else found, name)
    return API + "\n\n".join(parts).rstrip() + "\n"


def _described(found: griffe.Object | griffe.Alias, name: str) -> Iterator[str]:
    yield f"## `{name}`"
    yield from _member(found, name)
    if not found.is_class:
        return
    public = [
        member
        for member in found.members.values()
        if not member.is_alias and not member.name.startswith("_")
    ]
    if attributes := [member for member in public if member.is_attribute]:
        yield "\n".join(map(_attribute, attributes))
    for member in public:
        if member.is_function:
            yield f"### `{name}.{member.name}`"
            yield from _member(member, member.name)


def _attribute(member: griffe.Object | griffe.Alias) -> str:
    kind = f": {member.annotation}" if member.annotation else ""
    said = " ".join(member.docstring.value.split()) if member.docstring else ""
    return f"- `{member.name}{kind}`" + (f": {said}" if said else "")


def _member(found: griffe.Object | griffe.Alias, name: str) -> Iterator[str]:
    if found.is_function:
        coroutine = "async " if "async" in found.labels else ""
        yield f"```python\n{coroutine}def {found.signature(name=name)}\n```"
    for section in found.docstring.parsed if found.docstring else ():
        if section.kind is griffe.DocstringSectionKind.text:
            yield section.value
        elif isinstance(section.value, list):
            title = section.title or section.kind.value.capitalize()
            yield f"{title}:"
            yield "\n".join(f"- {_entry(element)}" for element in section.value)


def _entry(element: griffe.DocstringElement) -> str:
    name = getattr(element, "name", "") or str(element.annotation or "")
    text = " ".join(element.description.split())
    return f"`{name}`: {text}" if name else text


def main() -> None:
    """Write the pages, or check them."""
    pages = {DOCS / "commands.md": commands_page(), DOCS / "api.md": api_page()}
    if "--check" not in sys.argv[1:]:
        for path, page in pages.items():
            path.write_text(page, encoding="utf-8")
        return
    stale = [
        path.name
        for path, page in pages.items()
        if not path.exists() or path.read_text(encoding="utf-8") != page
    ]
    if stale:
        sys.exit(f"stale: {', '.join(stale)}. Run: make docs")


if __name__ == "__main__":
    main()
