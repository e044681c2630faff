"""Sessions in and out of a workspace: runs to files, and files to runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from magnet.sessions.imported import IMPORTED
from magnet.sessions.reading import load_session
from magnet.sessions.workspace import Workspace
from magnet.state.errors import Command
from magnet.state.intake_error import Problem
from magnet.store import Session, SessionStatus, UnknownIdError
from magnet.store.formats import ReadFile, read_sessions
from magnet.store.formats.files import SizeLimits

_BEGUN = set(SessionStatus) - {SessionStatus.PENDING}


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    new: int
    known: int
    """Sessions that the run held already."""
    problems: tuple[Problem, ...]


async def find_sessions(
    workspace: Workspace, name: str, *, unfinished: bool = False
) -> tuple[bool, list[Session]]:
    """Find what a user names: the sessions of a run, the oldest first, or else one session.

    Args:
        workspace: where they are stored.
        name: a run, or the start of a session's id.
        unfinished: give also those sessions of a run that have begun and not ended, as far as they
            are. A session that is named itself is given in any case.

    Returns:
        Whether it is a run; the sessions.

    Raises:
        UnknownIdError: if neither a run nor a session has this name.
        AmbiguousIdError: if several sessions have ids that start so.
    """
    sessions = workspace.store.sessions
    if name not in {run.name for run in await workspace.store.runs.list()}:
        try:
            return False, [await load_session(workspace, name)]
        except UnknownIdError as error:
            raise UnknownIdError(
                f"no run is named {name!r}, and no session has an id that starts so. "
                "'{list}' shows what there is.",
                list=Command(("list",)),
            ) from error
    wanted = _BEGUN if unfinished else {SessionStatus.FINISHED}
    found = [summary for summary in await sessions.list(run=name) if summary.status in wanted]
    found.sort(key=lambda summary: (summary.created, summary.client_number or 0, summary.id))
    return True, [await load_session(workspace, summary.id) for summary in found]


async def import_sessions(
    workspace: Workspace, path: Path, run: str, *, method: str | None = None
) -> Imported:
    """Import the sessions at a path into a run; what the run holds already is passed over.

    Each file is stored whole or, where anything is wrong with it, not at all.

    Raises:
        UnreadablePathError: if there is nothing to read at the path.
        RunSettingsError: if a run of this name holds generated sessions.
        StoreError: if the database cannot be written.
    """
    stored = {summary.id: summary.run for summary in await workspace.store.sessions.list()}
    new = known = 0
    problems: list[Problem] = []
    settings = workspace.settings
    limits = SizeLimits(settings.import_file_bytes, settings.import_archive_bytes)
    for file in read_sessions(path, run, method=method, limits=limits):
        wrong = [*file.problems, *_stored_elsewhere(file, stored, run)]
        problems += wrong
        if wrong or not file.sessions:
            continue
        fresh = {s.id: s for s in file.sessions if s.id not in stored}
        await workspace.store.runs.open(run, IMPORTED)
        if fresh:
            await workspace.store.sessions.create_all(list(fresh.values()))
        stored |= dict.fromkeys(fresh, run)
        new += len(fresh)
        known += len(file.sessions) - len(fresh)
    return Imported(new, known, tuple(problems))


def _stored_elsewhere(
    file: ReadFile, stored: Mapping[str, str | None], run: str
) -> Iterator[Problem]:
    for session in file.sessions:
        if session.id in stored and stored[session.id] != run:
            where = stored[session.id]
            found = f"stored already, {f'in run {where}' if where else 'in no run'}"
            yield Problem(file.path, f"session {session.id}", found, "another database")
