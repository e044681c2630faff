"""Names as a card may hold them: text alone, whatever stands in them."""

import json
import re
from collections.abc import Mapping, Sequence

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
# An underscore inside a word is one; elsewhere it begins or ends an emphasis.
_MARKUP = re.compile(r"[\\`*\[\]<>|~]|(?<![^\W_])_|_(?![^\W_])")
_PLAIN_SCALAR = re.compile(r"[A-Za-z][\w.+/-]*", re.ASCII)
_NO_TEXT = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))


def in_line(text: object) -> str:
    """Return a text on one line, in which nothing is Markdown or HTML."""
    return _MARKUP.sub(r"\\\g<0>", _on_one_line(text))


def in_head(text: str) -> str:
    """Return a text as a value of a card's YAML head."""
    line = _on_one_line(text)
    if _PLAIN_SCALAR.fullmatch(line) and line.lower() not in _NO_TEXT:
        return line
    return json.dumps(line, ensure_ascii=False)


def facts(named: Mapping[str, object]) -> str:
    """Return a list of facts by their names."""
    return "\n".join(f"- {in_line(name)}: {in_line(fact)}" for name, fact in named.items())


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(map(in_line, line))} |" for line in lines)


def _on_one_line(text: object) -> str:
    return " ".join(_CONTROLS.sub(" ", str(text)).split())
