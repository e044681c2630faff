"""A bar for what is asked one by one: how many answers are there, and how long the rest takes."""

from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Counter:
    """Counts on a bar."""

    def __init__(self, bar: Progress, title: str) -> None:
        self._bar = bar
        self._task = bar.add_task(title, total=None)

    def expect(self, total: int) -> None:
        """Say how many there will be."""
        self._bar.update(self._task, total=total)

    def advance(self, count: int = 1) -> None:
        """Count on."""
        self._bar.advance(self._task, count)


@contextmanager
def counting(title: str, what: str) -> Generator[Counter]:
    """Show a bar on standard error while the block runs.

    Args:
        title: what stands before the bar.
        what: is counted, in the plural.
    """
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(f"{what}, left"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
    )
    with bar:
        yield Counter(bar, title)
