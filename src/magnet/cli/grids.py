"""Tables on the terminal."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

from magnet.cli.console import for_tables

if TYPE_CHECKING:
    from magnet.evals.comparison.grids import Grid


def print_grids(grids: "Iterable[Grid]") -> None:
    """Print tables."""
    console = for_tables()
    for grid in grids:
        # As markup, a side and a colon behind it could name an emoji.
        table = Table(title=Text(grid.title), caption=Text(grid.note))
        for place, heading in enumerate(grid.headings):
            table.add_column(Text(heading), justify="left" if place < grid.labels else "right")
        for row in grid.rows:
            table.add_row(*map(Text, row))
        console.print(table)
