"""How far the asking of judges is; whoever has a screen says how that is shown."""

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Counter(Protocol):
    """Is told how many answers there will be, and of each that is there."""

    def expect(self, total: int) -> None:
        """Take note of how many there will be."""
        ...

    def advance(self, count: int = 1) -> None:
        """Take note of some more that are there."""
        ...


ShowCount = Callable[[str, str], AbstractContextManager[Counter]]
"""Shows a count while a block runs, given its title and what is counted, in the plural."""


class _Silent:
    def expect(self, total: int) -> None:
        del total

    def advance(self, count: int = 1) -> None:
        del count


@contextmanager
def _silent(title: str, what: str) -> Generator[Counter]:
    del title, what
    yield _Silent()


_show: ShowCount = _silent


def show_counts(show: ShowCount) -> None:
    """Set how this process shows its counts; unset, it shows nothing."""
    global _show
    _show = show


def counting(title: str, what: str) -> AbstractContextManager[Counter]:
    """Return what shows a count while a block runs.

    Args:
        title: What it is of, such as a judge.
        what: Is counted, in the plural.
    """
    return _show(title, what)
