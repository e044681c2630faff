"""Reading sessions from files: the authors', those of CACTUS, and the project's own."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple, cast

from pydantic_core import to_json

from magnet.state.contents import exchanges_of
from magnet.state.graph_state import SessionState
from magnet.state.intake_error import Problem, describe
from magnet.state.session import SessionSettings
from magnet.store.formats.authors import is_authors, read_authors
from magnet.store.formats.cactus import is_cactus, read_cactus
from magnet.store.formats.draft import Draft, Place
from magnet.store.formats.errors import BrokenObjectError
from magnet.store.formats.files import DataFile, find_files, objects_of
from magnet.store.formats.jsonl import is_own, read_line
from magnet.store.records import Session, SessionStatus

_EXPECTED = (
    "a session of MAGneT (AI_client, AI_counselor, dialogue; or example, history), a dialogue of "
    "CACTUS (intake_form, attitude, dialogue), or a line of an export as jsonl"
)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a file holds: its sessions, or everything that is wrong with it."""

    path: Path
    sessions: tuple[Session, ...] = ()
    problems: tuple[Problem, ...] = ()


class _Wanted(NamedTuple):
    run: str
    method: str | None


def read_sessions(path: Path, run: str, *, method: str | None = None) -> Iterator[ReadFile]:
    """Read the sessions of a file, of a folder (not its subfolders) or of a zip archive.

    The id of a session from a foreign format derives from the run, its file's name, its place and
    its content: what is read again has the same id.

    Args:
        path: `.json` with one object or a list, `.jsonl`, `.zip`, or a folder.
        run: the run that the sessions will belong to.
        method: their method; none keeps what the file says, or else names their origin.

    Yields:
        Each file, one at a time. Where anything is wrong with a file it gives no session.

    Raises:
        UnreadablePathError: there is nothing to read at the path.
    """
    for file in find_files(path):
        yield _read_file(file, _Wanted(run, method))


def _read_file(file: DataFile, wanted: _Wanted) -> ReadFile:
    sessions: list[Session] = []
    problems: list[Problem] = []
    for place, data in objects_of(file):
        if isinstance(data, Problem):
            problems.append(data)
            continue
        try:
            sessions.append(_read_object(data, place, wanted))
        except BrokenObjectError as error:
            problems += error.problems
    if problems:
        return ReadFile(file.path, problems=tuple(problems))
    return ReadFile(file.path, tuple(sessions))


def _read_object(data: object, place: Place, wanted: _Wanted) -> Session:
    fields = _fields(data)
    for is_meant, read in _READERS.items():
        if is_meant(fields):
            return read(fields, place, wanted)
    found = f"an object with {', '.join(fields)}" if fields else describe(data)
    raise BrokenObjectError([Problem(place.file, place.name, found, _EXPECTED)])


def _fields(data: object) -> dict[str, Any]:
    return cast(dict[str, Any], data) if isinstance(data, dict) else {}


def _own(data: dict[str, Any], place: Place, wanted: _Wanted) -> Session:
    session = replace(read_line(data, place), run=wanted.run)
    if wanted.method is None:
        return session
    settings = session.settings.model_copy(update={"method": wanted.method})
    return replace(session, settings=settings)


def _foreign(
    read: Callable[[dict[str, Any], Place], Draft],
    data: dict[str, Any],
    place: Place,
    wanted: _Wanted,
) -> Session:
    draft = read(data, place)
    settings = SessionSettings(method=wanted.method or f"imported-{draft.source.format}")
    state = SessionState(client=draft.client, settings=settings, utterances=list(draft.utterances))
    return Session(
        id=_id(wanted.run, place, data),
        run=wanted.run,
        client=draft.client,
        settings=settings,
        models={},
        prompt_hash="",
        prompt_layout="",
        status=SessionStatus.FINISHED,
        utterances=draft.utterances,
        exchanges=tuple(exchanges_of(state)),
        source=draft.source,
    )


def _id(run: str, place: Place, data: dict[str, Any]) -> str:
    identity = to_json([run, place.file.name, place.name, data])
    digest = blake2b(identity, digest_size=6).hexdigest()
    return f"{run}-{digest}" if place.number is None else f"{run}-{place.number:04}-{digest}"


_READERS: Mapping[
    Callable[[Mapping[str, Any]], bool], Callable[[dict[str, Any], Place, _Wanted], Session]
] = {
    is_own: _own,
    is_authors: partial(_foreign, read_authors),
    is_cactus: partial(_foreign, read_cactus),
}
