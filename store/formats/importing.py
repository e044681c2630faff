"""Reading sessions from files, each object by the reader of the format that it is meant as."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple, cast

from pydantic_core import to_json

from magnet.state.contents import exchanges_of
from magnet.state.graph_state import SessionState
from magnet.state.intake_error import Problem, describe
from magnet.state.session import SessionSettings
from magnet.store.formats.draft import Draft, Place
from magnet.store.formats.errors import BrokenObjectError
from magnet.store.formats.files import DataFile, SizeLimits, find_files, objects_of
from magnet.store.formats.registry import expected_objects, import_formats
from magnet.store.records import Session, SessionStatus

_DEFAULT = SizeLimits()


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What a file holds: its sessions, or everything that is wrong with it."""

    path: Path
    sessions: tuple[Session, ...] = ()
    problems: tuple[Problem, ...] = ()


class _Wanted(NamedTuple):
    run: str
    method: str | None


def read_sessions(
    path: Path, run: str, *, method: str | None = None, limits: SizeLimits = _DEFAULT
) -> Iterator[ReadFile]:
    """Read the sessions of a file, of a folder (not its subfolders) or of a zip archive.

    The id of a session from a foreign format derives from the run, its file's name, its place and
    its content: what is read again has the same id.

    Args:
        path: `.json` with one object or a list, `.jsonl`, `.zip`, or a folder.
        run: the run that the sessions will belong to.
        method: their method; none keeps what the file says, or else names their origin.
        limits: how much is read at most.

    Yields:
        Each file, one at a time. Where anything is wrong with a file it gives no session.

    Raises:
        UnreadablePathError: there is nothing to read at the path.
    """
    for file in find_files(path, limits):
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
    for format in import_formats().values():
        if format.reader and format.reader.is_meant(fields):
            found = format.reader.read(fields, place)
            if isinstance(found, Draft):
                return _foreign(found, fields, place, wanted)
            return _own(found, wanted)
    found = f"an object with {', '.join(fields)}" if fields else describe(data)
    raise BrokenObjectError([Problem(place.file, place.name, found, expected_objects())])


def _fields(data: object) -> dict[str, Any]:
    return cast(dict[str, Any], data) if isinstance(data, dict) else {}


def _own(session: Session, wanted: _Wanted) -> Session:
    session = replace(session, run=wanted.run)
    if wanted.method is None:
        return session
    settings = session.settings.model_copy(update={"method": wanted.method})
    return replace(session, settings=settings)


def _foreign(draft: Draft, data: dict[str, Any], place: Place, wanted: _Wanted) -> Session:
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
