"""Ctrl-C while a model is fetched, which blocks the event loop."""

import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager

from magnet.models.errors import FetchInterruptedError


@contextmanager
def interruptible(name: str) -> Generator[None]:
    """Let Ctrl-C break off the fetch of a model.

    An event loop's own handler would only note the first one, and wait until the fetch is over.

    Raises:
        FetchInterruptedError: then.
    """
    before = signal.getsignal(signal.SIGINT)
    # Where Ctrl-C is ignored it stays so; in another thread than the main one it cannot arrive.
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt as error:
        raise FetchInterruptedError(
            f"the fetch of the model {name} was interrupted. The same command goes on where it "
            "stopped"
        ) from error
    finally:
        signal.signal(signal.SIGINT, before)
