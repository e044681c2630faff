"""Writing sessions as files, with their dataset card beside them."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal, get_args

from magnet.state.errors import Option
from magnet.store.authors_format import to_authors_format
from magnet.store.formats.card import MARK, NOT_STATED, Measure, write_card
from magnet.store.formats.chat import to_openai, to_sharegpt
from magnet.store.formats.errors import ExportError
from magnet.store.formats.jsonl import to_line
from magnet.store.formats.numbers import number_sessions
from magnet.store.formats.parquet import write_parquet
from magnet.store.records import Session, SessionStatus

Format = Literal["magnet", "jsonl", "sharegpt", "openai", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)

_CARD = "README.md"
_SESSION_FILES = "session_*.json"


@dataclass(frozen=True, slots=True)
class _OneFile:
    """How sessions become one file."""

    name: str
    write: Callable[[Sequence[Session], Path], None]


def export_sessions(
    sessions: Sequence[Session],
    format: Format,
    out: Path,
    *,
    licence: str = NOT_STATED,
    measures: Sequence[Measure] = (),
) -> list[Path]:
    """Write sessions and their card; an export that is there already is replaced.

    Args:
        sessions: at least one, in the order in which they are written.
        format: `magnet` is a folder with a file a session (a folder for each method if there are
            several); the others are one file each.
        out: a folder; or, for a format of one file, the file. The card lies beside it.
        licence: named in the card.
        measures: what was measured of these sessions, for the card.

    Returns:
        The files with sessions, and the card last.

    Raises:
        ExportError: there is no session, something else stands in the way, or a file cannot be
            written.
    """
    if not sessions:
        raise ExportError(
            "there is no session to export. Unfinished ones need {option}",
            option=Option("unfinished"),
        )
    one = _ONE_FILE.get(format)
    target = out if one is None or out.suffix == Path(one.name).suffix else out / one.name
    folder = target.parent if one else target
    card = folder / _CARD
    try:
        _check_card(card)
        if one:
            _replace(target, partial(one.write, sessions))
            files = [target]
        else:
            files = _write_folder(sessions, target)
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


def _write_folder(sessions: Sequence[Session], folder: Path) -> list[Path]:
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
        _replace(path, partial(_write_authors, session))
    return list(planned)


def _number(numbered: tuple[int, Session]) -> int:
    return numbered[0]


def _file_name(method: str) -> str:
    return "".join(c if c.isalnum() or c in "-_." else "-" for c in method).lstrip(".") or "method"


def _write_authors(session: Session, path: Path) -> None:
    data = to_authors_format(session)
    if session.status is not SessionStatus.FINISHED:
        data["unfinished"] = True
    path.write_text(json.dumps(data, ensure_ascii=False, indent=4) + "\n", encoding="utf-8")


def _write_lines(
    line_of: Callable[[Session], bytes], sessions: Sequence[Session], path: Path
) -> None:
    with path.open("wb") as file:
        file.writelines(map(line_of, sessions))


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


_ONE_FILE: Mapping[Format, _OneFile] = {
    "jsonl": _OneFile("sessions.jsonl", partial(_write_lines, to_line)),
    "sharegpt": _OneFile("sharegpt.jsonl", partial(_write_lines, to_sharegpt)),
    "openai": _OneFile("openai.jsonl", partial(_write_lines, to_openai)),
    "parquet": _OneFile("sessions.parquet", write_parquet),
}
