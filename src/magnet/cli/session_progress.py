"""How far one session is, on a line: turn, what is being made, tokens, seconds."""

import asyncio
import time
from collections.abc import Generator
from contextlib import contextmanager

from rich.markup import escape
from rich.status import Status

from magnet.cli.console import err
from magnet.sessions.runner import Event, NodeDone
from magnet.state import Call, Usage
from magnet.store import Session


class SessionProgress:
    """The line, kept up to date by the session's events."""

    def __init__(self, session: Session, title: str = "") -> None:
        """Start before the first event; `title` stands before the line."""
        self._title = f"{title} · " if title else ""
        self._limit = session.settings.turn_limit
        self._started = time.monotonic()
        self._turn = 0
        self._doing = "planning"
        self._calls = 0
        self._usage = Usage()

    def follow(self, event: Event) -> None:
        """Note what has happened."""
        if isinstance(event, Call):
            self._calls += 1
            self._usage += event.usage
            self._doing = f"{event.node} answered"
        elif isinstance(event, NodeDone):
            for utterance in event.update.get("utterances", ()):
                self._turn = utterance.turn
                ended = "end" in event.update
                self._doing = "ended" if ended else f"{utterance.speaker.other.value} next"

    def __str__(self) -> str:
        seconds = time.monotonic() - self._started
        return (
            f"{self._title}turn {self._turn} of {self._limit} · {self._doing} · "
            f"{self._calls} calls · {self._usage.prompt:,} tokens in "
            f"({self._usage.cached:,} cached), {self._usage.completion:,} out · {seconds:.0f} s"
        )


@contextmanager
def ticking(progress: SessionProgress) -> Generator[None]:
    """Show the line on standard error while the block runs."""
    with err.status(escape(str(progress))) as status:
        ticks = asyncio.create_task(_tick(status, progress))
        try:
            yield
        finally:
            ticks.cancel()


async def _tick(status: Status, progress: SessionProgress) -> None:
    while True:
        status.update(escape(str(progress)))
        await asyncio.sleep(0.5)
