"""Ctrl-C: the first ends after the running step, the second at once."""

import asyncio
import signal
from collections.abc import Generator
from contextlib import contextmanager

from langgraph.runtime import RunControl

from magnet.cli.console import err

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def draining() -> Generator[RunControl]:
    """Return a control that Ctrl-C or a termination asks to drain, while the block runs.

    The second one ends the block where it is, and the command goes on behind it.
    """
    control = RunControl()
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        if control.drain_requested and task is not None:
            task.cancel()
        control.request_drain("interrupted")
        err.print("Stopping after this step; Ctrl-C again stops at once.")

    for number in _SIGNALS:
        loop.add_signal_handler(number, interrupt)
    try:
        yield control
    except asyncio.CancelledError:
        if task is None or not control.drain_requested:
            raise
        task.uncancel()
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
