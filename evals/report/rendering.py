"""From a report to its two files: a page that stands alone, and Markdown with tables in LaTeX."""

import base64
import hashlib
import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from magnet.evals.report.latex import latex_table
from magnet.evals.report.sections import Report

_TEMPLATES = Path(__file__).with_name("templates")
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|!&])")


def render_page(report: Report) -> str:
    """Return the page: no script, and a policy that lets nothing in from anywhere."""
    style = (_TEMPLATES / "report.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    template = _environment().get_template("report.html")
    return template.render(report=report, style=style, style_hash=f"sha256-{digest}")


def render_markdown(report: Report) -> str:
    """Return the text, every table in LaTeX within a block of code."""
    return _environment().get_template("report.md").render(report=report)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=lambda name: bool(name and name.endswith(".html")),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"latex": latex_table, "plain": _escape_markdown}
    return environment


def _escape_markdown(text: str) -> str:
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
