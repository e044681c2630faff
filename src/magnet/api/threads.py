"""An event loop in a thread of its own, for whoever cannot await."""

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable, Coroutine
from functools import partial
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
        # An open database has threads that the interpreter waits for at its exit, and before what
        # is registered with atexit.
        threading.Thread(target=self._close_at_exit, daemon=True).start()

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

    def _close_at_exit(self) -> None:
        threading.main_thread().join()
        self.close()


def _settle(outcome: concurrent.futures.Future[T], task: asyncio.Task[T]) -> None:
    if task.cancelled():
        outcome.set_exception(asyncio.CancelledError())
    elif error := task.exception():
        outcome.set_exception(error)
    else:
        outcome.set_result(task.result())
