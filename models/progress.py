"""How a long fetch tells how far it is."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn


class ReportProgress(Protocol):
    """Called now and then during a fetch, from one thread at a time."""

    def __call__(self, done: int, total: int, note: str) -> None:
        """Tell that `done` bytes of `total` are there, and what is going on."""
        ...


@contextmanager
def rich_progress(console: Console | None = None) -> Generator[ReportProgress]:
    """Show a progress bar on stderr while the block runs; nothing if no progress is reported."""
    bar = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=console or Console(stderr=True),
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=None, visible=False)

        def report(done: int, total: int, note: str) -> None:
            bar.update(task, completed=done, total=total, description=note, visible=True)

        yield report
