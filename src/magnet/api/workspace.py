"""The workspace of the public API: one database, and all that can be done in it."""

from os import PathLike, fspath
from pathlib import Path
from typing import Unpack

from magnet.api.evaluating import EvaluatingWorkspace
from magnet.api.options import WorkspaceOptions, settings_from
from magnet.api.pictures import GraphPicture
from magnet.api.players import PlayingWorkspace
from magnet.evals.quality.flaws import flaw_measures
from magnet.sessions import transfer
from magnet.sessions.path import find_path
from magnet.sessions.reading import load_session
from magnet.state import Call
from magnet.state.errors import BadUseError
from magnet.store import Run, Session, SessionStatus, SessionSummary
from magnet.store.formats import (
    NOT_STATED,
    ExportError,
    FilePerSession,
    export_sessions,
    writer,
)


def open_workspace(
    db: str | PathLike[str] | None = None, **settings: Unpack[WorkspaceOptions]
) -> "AsyncWorkspace":
    """Open the database in which sessions are stored, with the settings for playing them.

    Use it as `async with magnet.open_workspace(...) as workspace:`. Where a block does not fit, as
    over the cells of a notebook, `workspace = await magnet.open_workspace(...)` opens it and
    `await workspace.close()` closes it.

    Args:
        db: SQLite file or database URL. None takes `db` of the settings, or else the file in the
            user's data folder.
        settings: Those of `WorkspaceOptions`, over `MAGNET_*` variables and `magnet.toml`.

    Returns:
        The workspace, to be opened.

    Raises:
        SettingsError: If there is no such setting, or a value does not fit.
    """
    return AsyncWorkspace(settings_from({"db": None if db is None else fspath(db), **settings}))


class AsyncWorkspace(PlayingWorkspace, EvaluatingWorkspace):
    """An open database, in which sessions are played, read and evaluated.

    `open_workspace` makes one. What it does is what the command of the same name does.
    `SyncWorkspace` is the same for programs without an event loop.
    """

    async def session(self, name: str) -> Session:
        """Read a session as it is now, whether it has ended or not.

        Args:
            name: Its id, or the start of it.

        Returns:
            The session with its plan, utterances and exchanges so far.

        Raises:
            UnknownIdError: If no session's id starts so.
            AmbiguousIdError: If several do.
        """
        return await load_session(self.rooms, name)

    async def sessions(
        self,
        run: str | None = None,
        *,
        status: str | None = None,
        method: str | None = None,
        limit: int | None = None,
    ) -> list[SessionSummary]:
        """List the stored sessions.

        Args:
            run: Only the sessions of this run.
            status: Only those that are "pending", "running", "finished" or "failed".
            method: Only those of this method.
            limit: The newest so many; None is all.

        Returns:
            The sessions without their transcripts, the newest first.

        Raises:
            UnknownIdError: If there is no such run.
            BadUseError: If there is no such status.
        """
        if status is not None and status not in set(SessionStatus):
            expected = ", ".join(SessionStatus)
            raise BadUseError(f"status: expected one of {expected}, found {status!r}")
        store = self.rooms.store
        if run is not None:
            await store.runs.get(run)
        wanted = None if status is None else SessionStatus(status)
        return await store.sessions.list(run=run, status=wanted, method=method, limit=limit)

    async def runs(self) -> list[Run]:
        """List the runs, the newest first."""
        return await self.rooms.store.runs.list()

    async def calls(self, session: str) -> list[Call]:
        """Read the log of a session's model calls.

        Args:
            session: Its id, or the start of it.

        Returns:
            The calls in the order in which they were begun. Their prompts are there if the session
            was played with `log_calls="full"`.

        Raises:
            UnknownIdError: If no session's id starts so.
            AmbiguousIdError: If several do.
        """
        store = self.rooms.store
        return await store.calls.of_session((await store.sessions.find(session)).id)

    async def graph(self, method: str | None = None, *, session: str | None = None) -> GraphPicture:
        """Draw the state machine of a method, or the path of a session through it.

        Args:
            method: Its name; None takes the workspace's.
            session: Id of a session, or the start of one: what it ran, how often, at what cost.

        Returns:
            The picture. A notebook shows it; `mermaid`, `svg`, `png` and `text` are its forms.

        Raises:
            MethodError: If there is no such method.
            UnknownIdError: If no session's id starts so.
            AmbiguousIdError: If several do.
            BadUseError: If both are named: a session has a method of its own.
        """
        if session is None:
            return GraphPicture(self.rooms.graph(method or self.settings.method))
        if method is not None:
            raise BadUseError("graph: name a method or a session; a session has its own method")
        found = await load_session(self.rooms, session)
        path = await find_path(self.rooms, found)
        return GraphPicture(self.rooms.graph(found.method), path.marks, path.taken)

    async def export(
        self,
        name: str,
        to: str | PathLike[str],
        format: str = "magnet",
        *,
        licence: str = NOT_STATED,
        unfinished: bool = False,
    ) -> list[Path]:
        """Export a run or a session as files that other programs read.

        Args:
            name: A run, or a session's id or its start.
            to: A folder. For a format of one file, or one session in a format of a file a
                session: the file. A dataset card (README.md) lies beside all but the last.
            format: "magnet": the JSON of MAGneT's authors, a file a session. "jsonl": everything,
                for `import_`. "sharegpt", "openai": conversations. "parquet": a table. Or the
                name of one that a plugin brings.
            licence: For the card, such as "cc-by-4.0".
            unfinished: Whether sessions that are not finished are exported too.

        Returns:
            The files with sessions, and the card last.

        Raises:
            UnknownFormatError: If there is no such format.
            UnknownIdError: If there is no such run or session.
            AmbiguousIdError: If several sessions have ids that start so.
            ExportError: If there is no session to export, or a file cannot be written.
        """
        how = writer(format)
        is_run, found = await transfer.find_sessions(self.rooms, name, unfinished=unfinished)
        path = Path(to)
        if not is_run and isinstance(how, FilePerSession):
            _write(path, how.alone(found[0]).encode())
            return [path]
        measures = flaw_measures(found)
        return export_sessions(found, format, path, licence=licence, measures=measures)

    async def import_(
        self, path: str | PathLike[str], run: str, *, method: str | None = None
    ) -> transfer.Imported:
        """Import sessions of MAGneT's authors or of CACTUS, or an export as "jsonl".

        What the run holds already is passed over, and a file with anything wrong is left out.

        Args:
            path: A .json, .jsonl or .zip file, or a folder.
            run: The run that they become.
            method: Their method. None keeps what the files say, or names their origin.

        Returns:
            How many sessions were new and known, and what is wrong with files.

        Raises:
            UnreadablePathError: If there is nothing to read at the path.
            RunSettingsError: If a run of this name holds generated sessions.
            StoreError: If the database cannot be written.
        """
        return await transfer.import_sessions(self.rooms, Path(path), run, method=method)


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise ExportError(f"{path}: cannot be written ({error.strerror or error})") from error
