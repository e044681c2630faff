"""Ctrl-C: the first ends after the running step, the second at once."""

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager

from langgraph.runtime import RunControl

from magnet.cli.console import err

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def draining(*, quiet: bool = False) -> Generator[RunControl]:
    """Give a control that Ctrl-C or a termination asks to drain, while the block runs."""
    control = RunControl()
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        if control.drain_requested and task is not None:
            task.cancel()
        control.request_drain("interrupted")
        if not quiet:
            err.print("Stopping after this step; Ctrl-C again stops at once.")

    for number in _SIGNALS:
        loop.add_signal_handler(number, interrupt)
    try:
        yield control
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
