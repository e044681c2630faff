"""The help of a group: its options and commands.

It looks as Typer's help of a command does. Typer's own importing of Markdown, tracebacks and syntax
coloring for it takes longer than everything else that a list of commands needs.
"""

from collections.abc import Iterable
from typing import Any

from typer.core import TyperGroup


class ListedGroup(TyperGroup):
    """A group of commands that prints its help itself."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Print how to call it, what it is for, its options and its commands."""
        del formatter  # as Typer's own, it prints
        from rich.padding import Padding
        from rich.text import Text

        from magnet.cli.console import out

        usage = Text(self.get_usage(ctx), style="bold")
        usage.stylize("not bold yellow", 0, len("Usage:"))
        out.print(Padding(usage, 1))
        out.print(Padding(Text(self.help or ""), (0, 1, 1, 1)))
        _panel(
            "Options",
            ((", ".join(one.opts), str(getattr(one, "help", ""))) for one in self.get_params(ctx)),
        )
        _panel("Commands", ((name, one.help or "") for name, one in self.commands.items()))


def _panel(title: str, rows: Iterable[tuple[str, str]]) -> None:
    from rich.panel import Panel
    from rich.table import Table

    from magnet.cli.console import out

    table = Table(box=None, expand=True, show_header=False, pad_edge=False)
    table.add_column(style="bold cyan", no_wrap=True)
    table.add_column(ratio=1)
    for row in rows:
        table.add_row(*row)
    out.print(Panel(table, title=title, title_align="left", border_style="dim"))
