"""The workspace for programs without an event loop, and for those whose loop is running already."""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from functools import wraps
from os import PathLike
from types import TracebackType
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, Unpack

from magnet.api.options import WorkspaceOptions
from magnet.api.playing import Playing, SessionEvent
from magnet.api.threads import LoopThread
from magnet.api.workspace import AsyncWorkspace, open_workspace
from magnet.graph import Method
from magnet.models.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")


class SyncPlaying(Iterator[SessionEvent], Generic[T]):
    """Sessions that are played while you iterate over what happens in them, as `Playing` does."""

    def __init__(self, playing: Playing[T], loop: LoopThread) -> None:
        """Take what plays, and where."""
        self._playing = playing
        self._loop = loop

    def __next__(self) -> SessionEvent:
        """Wait for the next event.

        Raises:
            MagnetError: Why playing could not go on.
        """
        event = self._loop.wait(_next(self._playing))
        if event is None:
            raise StopIteration
        return event

    def finish(self) -> T:
        """Play to the end, and return what has come of it.

        Raises:
            MagnetError: Why playing could not go on, or that it was closed.
        """
        return self._loop.wait(self._playing.finish())

    def stop(self) -> None:
        """Stop after the step under way, as the first Ctrl-C does at the command line."""
        self._playing.stop()

    def close(self) -> None:
        """Stop at once. What was played so far can be resumed."""
        self._loop.wait(self._playing.aclose())


async def _next(playing: Playing[Any]) -> SessionEvent | None:
    return await anext(playing, None)


def _waiting(
    method: Callable[Concatenate[AsyncWorkspace, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate["SyncWorkspace", P], T]:
    """Make of a method that is awaited one that waits."""

    @wraps(method)
    def wait(self: "SyncWorkspace", /, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.loop.wait(method(self.workspace, *args, **kwargs))

    return wait


def _iterating(
    method: Callable[Concatenate[AsyncWorkspace, P], Playing[T]],
) -> Callable[Concatenate["SyncWorkspace", P], SyncPlaying[T]]:
    """Make of a method whose events are awaited one whose events are waited for."""

    @wraps(method)
    def play(self: "SyncWorkspace", /, *args: P.args, **kwargs: P.kwargs) -> SyncPlaying[T]:
        return SyncPlaying(method(self.workspace, *args, **kwargs), self.loop)

    return play


class SyncWorkspace:
    """An open database, as `AsyncWorkspace` is, for programs that do not await.

    Its work is done in a thread of its own, so it can also be used where an event loop is running,
    as in a notebook. `open_workspace_sync` makes one. Ctrl-C leaves a session resumable.
    """

    def __init__(self, workspace: AsyncWorkspace) -> None:
        """Open the database of a workspace.

        Raises:
            StoreError, CheckpointError: If it cannot be opened.
            MethodError, PromptError: If a file of the user's cannot be used.
        """
        self.workspace = workspace
        self.loop = LoopThread(workspace.close)
        try:
            self.loop.wait(workspace.__aenter__())
        except BaseException:
            self.loop.close()
            raise

    def __enter__(self) -> Self:
        """Return it; it is open already."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it, as `close` does."""
        self.close()

    def close(self) -> None:
        """Stop what is being played, so that it can be resumed, and close the database."""
        self.loop.close()

    @property
    def settings(self) -> Settings:
        """The settings that it was opened with."""
        return self.workspace.settings

    @property
    def methods(self) -> Mapping[str, Method]:
        """The methods that sessions can be played by, by name."""
        return self.workspace.methods

    play = _waiting(AsyncWorkspace.play)
    stream = _iterating(AsyncWorkspace.stream)
    generate = _iterating(AsyncWorkspace.generate)
    estimate = _waiting(AsyncWorkspace.estimate)
    resume = _iterating(AsyncWorkspace.resume)
    session = _waiting(AsyncWorkspace.session)
    sessions = _waiting(AsyncWorkspace.sessions)
    runs = _waiting(AsyncWorkspace.runs)
    calls = _waiting(AsyncWorkspace.calls)
    graph = _waiting(AsyncWorkspace.graph)
    evaluate = _waiting(AsyncWorkspace.evaluate)
    compare = _waiting(AsyncWorkspace.compare)
    export = _waiting(AsyncWorkspace.export)
    import_ = _waiting(AsyncWorkspace.import_)


def open_workspace_sync(
    db: str | PathLike[str] | None = None, **settings: Unpack[WorkspaceOptions]
) -> SyncWorkspace:
    """Open the database in which sessions are stored, for a program that does not await.

    Use it as `with magnet.open_workspace_sync(...) as workspace:`, or call its `close()` at the
    end.

    Args:
        db: As for `open_workspace`.
        settings: As for `open_workspace`.

    Returns:
        The open workspace.

    Raises:
        SettingsError: If there is no such setting, or a value does not fit.
        StoreError, CheckpointError: If the database cannot be opened.
        MethodError, PromptError: If a file of the user's cannot be used.
    """
    return SyncWorkspace(open_workspace(db, **settings))
