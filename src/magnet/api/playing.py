"""Sessions while they are played: what happens in them, one event after the other."""

import asyncio
import weakref
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from langgraph.runtime import RunControl

from magnet.sessions.batch import Tally, Watch
from magnet.sessions.runner import Event, NodeDone
from magnet.state import EndReason, SessionUpdate, Utterance
from magnet.state.errors import MagnetError
from magnet.store import Session

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SessionEvent:
    """Something that happened in a session that is being played."""

    session: Session
    """The session as it began; `AsyncWorkspace.session` reads it as it is now."""
    event: Event
    """A finished model call (`Call`), a finished node (`NodeDone`), or a breakpoint that was
    reached (`Stopped`)."""

    @property
    def update(self) -> SessionUpdate:
        """What a finished node added to the session; empty for other events."""
        return self.event.update if isinstance(self.event, NodeDone) else {}

    @property
    def utterances(self) -> tuple[Utterance, ...]:
        """What was said: one utterance after a speaker's turn, and none at other events."""
        return tuple(self.update.get("utterances", ()))

    @property
    def end(self) -> EndReason | None:
        """Why the session ended with this event; None if it goes on."""
        return self.update.get("end")


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """What has become of the sessions of a run, or of a session that was resumed."""

    finished: Mapping[str, int] = field(default_factory=dict[str, int])
    """Finished sessions by method, those included that were finished before."""
    failed: Mapping[str, str] = field(default_factory=dict[str, str])
    """Why a session could not go on, by its id. It can be resumed."""
    busy: tuple[str, ...] = ()
    """Sessions that another process was playing."""
    left: int = 0
    """Sessions that are not finished."""

    @classmethod
    def of(cls, tally: Tally) -> "RunOutcome":
        """Return the outcome that a tally stands at."""
        return cls(dict(tally.finished), dict(tally.failed), tuple(tally.busy), tally.left)


class Playing(AsyncIterator[SessionEvent], Generic[T]):
    """Sessions that are played while you iterate over what happens in them.

    Playing begins with the first event that is asked for. It ends early, after the model calls
    under way have been given up, when the iteration is left or canceled; what was played so far
    is stored, and `AsyncWorkspace.resume` goes on from there.
    """

    def __init__(
        self,
        play: Callable[[Watch, RunControl], Coroutine[Any, Any, T]],
        tasks: set[asyncio.Task[Any]],
    ) -> None:
        """Take what plays, and where its task is kept while it runs."""
        self._play = play
        self._tasks = tasks
        self._control = RunControl()
        self._events: asyncio.Queue[SessionEvent | None] = asyncio.Queue()
        self._task: asyncio.Task[T] | None = None

    async def __anext__(self) -> SessionEvent:
        """Wait for the next event.

        Raises:
            MagnetError: Why playing could not go on.
        """
        task = self._begun()
        try:
            event = await self._events.get()
        except asyncio.CancelledError:
            await self.aclose()
            raise
        if event is not None:
            return event
        self._events.put_nowait(None)  # for whoever asks again
        if not task.cancelled():
            task.result()
        raise StopAsyncIteration

    async def finish(self) -> T:
        """Play to the end, and return what has come of it.

        Raises:
            MagnetError: Why playing could not go on, or that it was closed.
        """
        async for _ in self:
            pass
        task = self._begun()
        if task.cancelled():
            raise MagnetError("it was closed before its end; what was played can be resumed")
        return task.result()

    def stop(self) -> None:
        """Stop after the step under way, as the first Ctrl-C does at the command line."""
        self._control.request_drain("stopped")

    async def aclose(self) -> None:
        """Stop at once. What was played so far can be resumed."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def _begun(self) -> asyncio.Task[T]:
        if self._task is None:
            # The task knows the queue and not this object, so that it ends with it.
            events, tasks = self._events, self._tasks

            def ended(task: asyncio.Task[T]) -> None:
                tasks.discard(task)
                events.put_nowait(None)
                if not task.cancelled():
                    task.exception()  # told to whoever iterates, not to the log

            def watch(session: Session, event: Event) -> None:
                events.put_nowait(SessionEvent(session, event))

            self._task = asyncio.create_task(self._play(watch, self._control))
            tasks.add(self._task)
            self._task.add_done_callback(ended)
            dropped = weakref.finalize(self, _cancel, self._task)
            dropped.atexit = False
        return self._task


def _cancel(task: asyncio.Task[Any]) -> None:
    loop = task.get_loop()
    if not loop.is_closed():
        loop.call_soon_threadsafe(task.cancel)
