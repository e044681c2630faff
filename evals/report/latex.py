"""Tables in LaTeX: `booktabs`, and nothing else that a paper would have to load."""

import re
from collections.abc import Iterable

from magnet.state.table import Table

_ESCAPED = {
    "\\": r"\textbackslash{}",
    "&": r"\&",
    "%": r"\%",
    "$": r"\$",
    "#": r"\#",
    "_": r"\_",
    "{": r"\{",
    "}": r"\}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"$<$",
    ">": r"$>$",
    "\N{MINUS SIGN}": "$-$",
    "∞": r"$\infty$",
}
_SPECIAL = re.compile("|".join(map(re.escape, _ESCAPED)))


def escape_latex(text: str) -> str:
    """Return a text that LaTeX sets as it is, on one line."""
    return _SPECIAL.sub(lambda found: _ESCAPED[found[0]], " ".join(text.split()))


def latex_table(table: Table) -> str:
    """Return a table as a float with its title and note for a caption."""
    columns = "".join(column.align[0] for column in table.columns)
    caption = escape_latex(f"{table.title}. {table.note}".strip())
    lines = [
        r"\begin{table}",
        r"\centering",
        f"\\caption{{{caption}}}",
        f"\\begin{{tabular}}{{{columns}}}",
        r"\toprule",
        _row(column.heading for column in table.columns),
        r"\midrule",
        *map(_row, table.texts()),
        r"\bottomrule",
        r"\end{tabular}",
        r"\end{table}",
    ]
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    # A bracket at the start of a row would be read as an option of the line break before it.
    return "{} " + " & ".join(map(escape_latex, cells)) + r" \\"
