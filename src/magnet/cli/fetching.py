"""The progress bar of a fetch."""

from collections.abc import Generator
from contextlib import contextmanager

from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from magnet.cli.console import err
from magnet.models.progress import ReportProgress


@contextmanager
def fetch_bar() -> Generator[ReportProgress]:
    """Show a progress bar on stderr while the block runs; nothing if no progress is reported."""
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        console=err,
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=None, visible=False)

        def report(done: int, total: int, note: str) -> None:
            bar.update(task, completed=done, total=total, description=note, visible=True)

        yield report
