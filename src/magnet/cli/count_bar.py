"""A bar for what is asked one by one: how many answers are there, and how long the rest takes."""

from collections.abc import Generator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)

from magnet.cli.console import err
from magnet.evals.progress import Counter


class _Bar:
    def __init__(self, bar: Progress, task: TaskID) -> None:
        self._bar, self._task = bar, task

    def expect(self, total: int) -> None:
        self._bar.update(self._task, total=total)

    def advance(self, count: int = 1) -> None:
        self._bar.advance(self._task, count)


@contextmanager
def count_bar(title: str, what: str) -> Generator[Counter]:
    """Show a bar on standard error while the block runs.

    Args:
        title: What stands before the bar.
        what: Is counted, in the plural.
    """
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn(f"{what}, left"),
        TimeRemainingColumn(),
        console=err,
    )
    with bar:
        yield _Bar(bar, bar.add_task(title, total=None))
