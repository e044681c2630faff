"""Writing sessions as files, with their dataset card beside them."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from magnet.state.errors import Extra, Option
from magnet.store.formats.card import MARK, NOT_STATED, CardMeasure, write_card
from magnet.store.formats.errors import ExportError
from magnet.store.formats.format import OneFile
from magnet.store.formats.numbers import number_sessions
from magnet.store.formats.registry import writer
from magnet.store.records import Session

_CARD = "README.md"
_SESSION_FILES = "session_*.json"


def export_sessions(
    sessions: Sequence[Session],
    format: str,
    out: Path,
    *,
    licence: str = NOT_STATED,
    measures: Sequence[CardMeasure] = (),
) -> list[Path]:
    """Write sessions and their card; an export that is there already is replaced.

    Args:
        sessions: at least one, in the order in which they are written.
        format: name of one that is written as a folder with a file a session (a folder for each
            method if there are several), or as one file.
        out: a folder; or, for a format of one file, the file. The card lies beside it.
        licence: named in the card.
        measures: what was measured of these sessions, for the card.

    Returns:
        The files with sessions, and the card last.

    Raises:
        UnknownFormatError: no format has this name.
        ExportError: there is no session, something else stands in the way, or a file cannot be
            written.
    """
    how = writer(format)
    if not sessions:
        raise ExportError(
            "there is no session to export. Unfinished ones need {unfinished}",
            unfinished=Option("unfinished"),
        )
    folder = out
    if isinstance(how, OneFile):
        target = out if out.suffix == Path(how.name).suffix else out / how.name
        folder = target.parent
        write = partial(_write_file, how, format, sessions, target)
    else:
        write = partial(_write_folder, sessions, out, how.text)
    card = folder / _CARD
    try:
        _check_card(card)
        files = write()
        names = [file.relative_to(folder).as_posix() for file in files]
        text = write_card(sessions, format=format, files=names, licence=licence, measures=measures)
        _replace(card, partial(_write_bytes, text.encode()))
    except OSError as error:
        raise ExportError(
            f"{error.filename or out}: cannot be written ({error.strerror or error}). "
            "Name another place with {out}",
            out=Option("out"),
        ) from error
    return [*files, card]


def _check_card(card: Path) -> None:
    if card.exists() and MARK not in card.read_text(encoding="utf-8", errors="replace"):
        raise ExportError(
            f"{card}: is no card of an export and would be overwritten. Name a folder of the "
            "export's own with {out}",
            out=Option("out"),
        )


def _write_file(how: OneFile, format: str, sessions: Sequence[Session], file: Path) -> list[Path]:
    try:
        _replace(file, partial(how.write, sessions))
    except ModuleNotFoundError as error:
        if how.extra is None:
            raise
        raise ExportError(
            f"the format {format} needs {error.name}, which is not installed. Install it: "
            "{extra}",
            extra=Extra(how.extra),
        ) from error
    return [file]


def _write_folder(
    sessions: Sequence[Session], folder: Path, text: Callable[[Session], str]
) -> list[Path]:
    by_method: dict[str, list[Session]] = {}
    for session in sessions:
        by_method.setdefault(session.method, []).append(session)
    planned: dict[Path, Session] = {}
    for method, made in by_method.items():
        place = folder / _file_name(method) if len(by_method) > 1 else folder
        for number, session in sorted(zip(number_sessions(made), made, strict=True), key=_number):
            planned[place / f"session_{number}.json"] = session
    strangers = sorted(set(folder.rglob(_SESSION_FILES)) - planned.keys())
    if strangers:
        raise ExportError(
            f"{folder}: holds sessions of another export ({strangers[0].name}). "
            "Name an empty folder with {out}",
            out=Option("out"),
        )
    for path, session in planned.items():
        _replace(path, partial(_write_bytes, text(session).encode()))
    return list(planned)


def _number(numbered: tuple[int, Session]) -> int:
    return numbered[0]


def _file_name(method: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in method).lstrip(".") or "method"


def _write_bytes(content: bytes, path: Path) -> None:
    path.write_bytes(content)


def _replace(path: Path, write: Callable[[Path], None]) -> None:
    """Write a file under another name first, so that a reader never meets half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    try:
        write(part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
