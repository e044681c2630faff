"""The terminal: results go to standard output, progress and errors to standard error."""

from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

# Model answers, errors and imported names may hold what a terminal obeys: a title, a clipboard.
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), "�")
for _harmless in "\t\n":
    del _CONTROLS[ord(_harmless)]


class SafeConsole(Console):
    """A console that shows control characters in a text as what they are: nothing to read."""

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        """Yield the segments of what is to be shown; rich's own controls among them stay."""
        for segment in super().render(renderable, options):
            if segment.control or segment.text.isprintable():
                yield segment
            else:
                yield Segment(segment.text.translate(_CONTROLS), segment.style)


# Rich would break and color lines that go into a file or a pipe; it leaves those alone itself.
# As an emoji code the side `run:cactus:` would be one.
out = SafeConsole(highlight=False, soft_wrap=False, emoji=False)
err = SafeConsole(stderr=True, highlight=False, emoji=False)

UNBROKEN = 1000
"""A width at which no row of a table is broken."""


def for_tables() -> Console:
    """Return the console for tables: a file or a pipe has no width to break their cells at."""
    return out if out.is_terminal else SafeConsole(highlight=False, emoji=False, width=UNBROKEN)


def show_error(text: str) -> None:
    """Print an error; what looks like markup in it is text, and a command in it stays on a line."""
    err.print("[bold red]error:[/] ", end="")
    err.print(text, markup=False, soft_wrap=True)
