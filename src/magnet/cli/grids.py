"""Tables on the terminal."""

from collections.abc import Iterable
from itertools import accumulate

import rich.table
from rich.text import Text

from magnet.cli.console import for_tables
from magnet.state.table import Cell, Table, text_of


def print_tables(tables: Iterable[Table]) -> None:
    """Print tables."""
    console = for_tables()
    for table in tables:
        console.print(_laid_out(table))


def _laid_out(table: Table) -> rich.table.Table:
    # As markup, an arm and a colon behind it could name an emoji.
    grid = rich.table.Table(
        title=Text(table.title), caption=Text(table.note), min_width=len(table.title)
    )
    for column in table.columns:
        grid.add_column(Text(column.heading), justify=column.align)
    last_of_groups = {*accumulate(table.groups)}
    for number, row in enumerate(table.rows, 1):
        cells = (Text(text_of(cell), style=_style(cell)) for cell in row)
        grid.add_row(*cells, end_section=number in last_of_groups)
    return grid


def _style(cell: object) -> str:
    return "red" if isinstance(cell, Cell) and cell.flagged else ""
