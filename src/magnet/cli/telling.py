"""What the rooms below the shell tell by the way: notes, and how far a fetch is."""

import logging
from contextlib import AbstractContextManager

from magnet.models.progress import ReportProgress, show_fetches


class _Notes(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        from magnet.cli.console import err

        err.print(f"note: {record.getMessage()}", style="yellow", markup=False, soft_wrap=True)


def show_what_rooms_tell() -> None:
    """Show on standard error, from now on, what is logged as a warning or worse, and fetches."""
    show_fetches(_fetch_bar)
    logger = logging.getLogger("magnet")
    if not any(isinstance(handler, _Notes) for handler in logger.handlers):
        logger.addHandler(_Notes(logging.WARNING))


def _fetch_bar() -> AbstractContextManager[ReportProgress]:
    from magnet.cli.fetching import fetch_bar

    return fetch_bar()
