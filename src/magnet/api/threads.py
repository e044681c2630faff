"""An event loop in a thread of its own, for whoever cannot await."""

import asyncio
import concurrent.futures
import threading
import weakref
from collections.abc import Callable, Coroutine
from functools import cache, partial
from typing import Any, TypeVar

from magnet.state.errors import BadUseError

T = TypeVar("T")


class LoopThread:
    """An event loop in a thread of its own, which ends with the program at the latest.

    Args:
        last: Run in the loop before it ends.
    """

    def __init__(self, last: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self._last = last
        self._loop = asyncio.new_event_loop()
        self._ended = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="magnet", daemon=True)
        self._thread.start()
        _close_at_exit(self)

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the loop until it ends.

        Ctrl-C here cancels it there, and is raised when it has ended.

        Raises:
            BadUseError: If the loop is closed.
        """
        if self._loop.is_closed():
            work.close()
            raise BadUseError("the workspace is not open any more. Open it again")
        outcome: concurrent.futures.Future[T] = concurrent.futures.Future()
        started: list[asyncio.Task[T]] = []

        def start() -> None:
            task = self._loop.create_task(work)
            started.append(task)
            task.add_done_callback(partial(_settle, outcome))

        self._loop.call_soon_threadsafe(start)
        try:
            return outcome.result()
        except BaseException:
            if not outcome.done():
                self._loop.call_soon_threadsafe(lambda: started[0].cancel())
                concurrent.futures.wait([outcome])
            raise

    def close(self) -> None:
        """Do what comes last, and end the loop and its thread; once is enough."""
        with self._ended:
            if self._loop.is_closed():
                return
            try:
                self.wait(self._last())
            finally:
                self._loop.call_soon_threadsafe(self._loop.stop)
                self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.get_loop().run_forever()


_open: weakref.WeakSet[LoopThread] = weakref.WeakSet()


def _close_at_exit(loop: LoopThread) -> None:
    _open.add(loop)
    _register()


@cache
def _register() -> None:
    # An open database has threads of its own, which the interpreter waits for before it calls what
    # is registered with atexit; this comes before both, and has no public name.
    threading._register_atexit(_close_all)  # pyright: ignore


def _close_all() -> None:
    for loop in tuple(_open):
        loop.close()


def _settle(outcome: concurrent.futures.Future[T], task: asyncio.Task[T]) -> None:
    if task.cancelled():
        outcome.set_exception(asyncio.CancelledError())
    elif error := task.exception():
        outcome.set_exception(error)
    else:
        outcome.set_result(task.result())
