"""The page of a rating kit: one HTML file that needs no network.

Its style, scripts and data stand in the file itself, and its content security policy lets nothing
else in: no address is ever asked for anything.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Template

from pydantic import JsonValue

_FOLDER = Path(__file__).with_name("page")
_SCRIPTS = ("questions.js", "answers.js", "view.js", "moving.js", "page.js")


@cache
def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def fill_page(data: Mapping[str, JsonValue]) -> str:
    """Return the page that asks about `data`; `page/questions.js` reads its fields."""
    style = _read("page.css")
    script = '"use strict";\n' + "".join(map(_read, _SCRIPTS))
    return Template(_read("page.html")).substitute(
        style=style,
        style_hash=_source_hash(style),
        script=script,
        script_hash=_source_hash(script),
        data=_inside_html(data),
    )


def _inside_html(data: Mapping[str, JsonValue]) -> str:
    # A transcript may hold "</script>"; without any "<" nothing in it can end the element.
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")


def _source_hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
