"""One process at a time plays a run, and one has it judged; the lock goes when the process ends."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager

from magnet.checkpoints import SessionBusyError
from magnet.sessions.workspace import Workspace
from magnet.state.errors import MagnetError
from magnet.store import Session


class RunBusyError(MagnetError):
    """Another process is playing this run, or has it judged."""


@asynccontextmanager
async def hold_run(workspace: Workspace, run: str) -> AsyncGenerator[None]:
    """Keep other processes from playing a run while a block plays its sessions.

    Raises:
        RunBusyError: if another process is playing the run.
    """
    async with _hold(workspace, f"run {run}", f"run {run} is being played"):
        yield


@asynccontextmanager
async def hold_judging(workspace: Workspace, sessions: Iterable[Session]) -> AsyncGenerator[None]:
    """Keep other processes from asking judges about the runs of sessions while a block does.

    Raises:
        RunBusyError: if another process has one of the runs judged.
    """
    judged = {f"run {one.run}" if one.run else f"session {one.id}" for one in sessions}
    async with AsyncExitStack() as held:
        for name in sorted(judged):
            await held.enter_async_context(
                _hold(workspace, f"judging {name}", f"{name} is being judged")
            )
        yield


@asynccontextmanager
async def _hold(workspace: Workspace, lock: str, busy: str) -> AsyncGenerator[None]:
    async with AsyncExitStack() as held:
        try:
            await held.enter_async_context(workspace.locks.hold(lock))
        except SessionBusyError as error:
            raise RunBusyError(
                f"{busy} by another process. Wait for it, or end it first"
            ) from error
        yield
