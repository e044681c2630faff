"""A workspace's life: opened, used, closed."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self, TypeVar

from langgraph.runtime import RunControl

from magnet.api.playing import Playing
from magnet.graph import Method
from magnet.models.settings import Settings
from magnet.sessions.batch import Watch
from magnet.sessions.workspace import Workspace, open_workspace
from magnet.state.errors import BadUseError

T = TypeVar("T")


class OpenedWorkspace:
    """A database that is opened and closed, with the settings for what is done in it."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; `async with` or `await` opens the database."""
        self._settings = settings
        self._stack = AsyncExitStack()
        self._workspace: Workspace | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        """Open the database.

        Raises:
            StoreError, CheckpointError: If it cannot be opened.
            MethodError, PromptError: If a file of the user's cannot be used.
        """
        if self._workspace is None:
            self._workspace = await self._stack.enter_async_context(open_workspace(self._settings))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it, as `close` does."""
        await self.close()

    def __await__(self) -> Generator[Any, None, Self]:
        """Open the database until `close` is called."""
        return self.__aenter__().__await__()

    async def close(self) -> None:
        """Stop what is being played, so that it can be resumed, and close the database."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks)
        self._workspace = None
        await self._stack.aclose()

    @property
    def rooms(self) -> Workspace:
        """The workspace as the functions of `magnet.sessions` and `magnet.evals` take it.

        Raises:
            BadUseError: If it is not open.
        """
        if self._workspace is None:
            raise BadUseError(
                "the workspace is not open. Use it inside `async with magnet.open_workspace(...) "
                "as workspace:`, or open it with `await`"
            )
        return self._workspace

    @property
    def settings(self) -> Settings:
        """The settings that it was opened with."""
        return self._settings

    @property
    def methods(self) -> Mapping[str, Method]:
        """The methods that sessions can be played by, by name."""
        return self.rooms.methods

    def _playing(self, play: Callable[[Watch, RunControl], Coroutine[Any, Any, T]]) -> Playing[T]:
        return Playing(play, self._tasks)


def several(names: str | Sequence[str]) -> Sequence[str]:
    """Return names as a list where one alone may be given."""
    return [names] if isinstance(names, str) else names
