"""How a long fetch tells how far it is; whoever has a screen says how that is shown."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class ReportProgress(Protocol):
    """Called now and then during a fetch, from one thread at a time."""

    def __call__(self, done: int, total: int, note: str) -> None:
        """Tell that `done` bytes of `total` are there, and what is going on."""
        ...


ShowProgress = Callable[[], AbstractContextManager[ReportProgress]]
"""Shows progress while a block runs."""


def ignore(done: int, total: int, note: str) -> None:
    """Report to nobody."""
    del done, total, note


@contextmanager
def _silent() -> Generator[ReportProgress]:
    yield ignore


_show: ShowProgress = _silent


def show_fetches(show: ShowProgress) -> None:
    """Set how this process shows its fetches; unset, it shows nothing.

    An embedded model is fetched wherever an agent first needs it, many calls below the command.
    """
    global _show
    _show = show


def fetch_progress() -> AbstractContextManager[ReportProgress]:
    """Return what shows a fetch while a block runs."""
    return _show()
