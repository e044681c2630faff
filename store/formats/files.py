"""The files that an import reads: one, those of a folder, or those of a zip archive."""

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast
from zipfile import BadZipFile, ZipFile

from pydantic_core import from_json

from magnet.state.errors import BadUseError, Setting
from magnet.state.intake_error import Problem
from magnet.store.formats.draft import Place
from magnet.store.formats.errors import UnreadablePathError
from magnet.store.formats.registry import expected_objects

_SUFFIXES = (".json", ".jsonl")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_NUMBER = re.compile(r"session_(\d{1,9})$")
# What Python's zip reader raises of an entry that is encrypted, packed in a way that it does not
# know, or damaged.
_BROKEN_ENTRY = (OSError, BadZipFile, RuntimeError, NotImplementedError, EOFError, zlib.error)


@dataclass(frozen=True, slots=True)
class SizeLimits:
    """How much an import reads, in bytes, unpacked."""

    file: int = 256 * 2**20
    archive: int = 4 * 2**30


class TooLargeError(BadUseError):
    """A file or an archive that is larger than the limit."""


@dataclass(frozen=True, slots=True)
class DataFile:
    """A file with sessions: its name in messages, and how to read it."""

    path: Path
    read: Callable[[], bytes]

    @property
    def number(self) -> int | None:
        """The N of `session_N.json`."""
        found = _NUMBER.search(self.path.stem)
        return int(found[1]) or None if found else None


def find_files(path: Path, limits: SizeLimits) -> Iterator[DataFile]:
    """Find the files at a path, those with numbers in their order first.

    Raises:
        TooLargeError: an archive holds more than an import reads.
        UnreadablePathError: there are none, or the path cannot be read.
    """
    try:
        if path.suffix.lower() == ".zip" and path.is_file():
            with ZipFile(path) as archive:  # open for as long as its files are read
                if sum(entry.file_size for entry in archive.infolist()) > limits.archive:
                    raise TooLargeError(
                        f"{path}: holds more than {limits.archive:,} bytes. Raise {{limit}}, or "
                        "import its files in parts",
                        limit=Setting("import_archive_bytes"),
                    )
                names = archive.namelist()
                files = [DataFile(path / n, _reader(archive, n, limits)) for n in names]
                yield from _in_order(path, files)
        elif path.is_dir():
            # Regular files alone: reading from a pipe would wait for ever.
            files = [DataFile(f, _opener(f, limits)) for f in path.iterdir() if f.is_file()]
            yield from _in_order(path, files)
        elif path.is_file():
            yield DataFile(path, _opener(path, limits))
        elif path.exists():
            raise UnreadablePathError(f"{path}: expected a file, a folder or a zip archive")
        else:
            raise UnreadablePathError(f"{path}: there is no such file. Check the path")
    except BadZipFile as error:
        raise UnreadablePathError(f"{path}: is no zip archive, or a damaged one") from error
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadablePathError(f"{path}: cannot be read ({reason}). Check its rights") from error


def objects_of(file: DataFile) -> Iterator[tuple[Place, Any]]:
    """Yield the objects of a file: of each line, of its list, or the one that it is.

    What cannot be read comes as a `Problem` in the place of an object.
    """
    whole = Place(file.path, "", file.number)
    try:
        content = file.read().removeprefix(_BYTE_ORDER_MARK)
    except TooLargeError as error:
        yield whole, Problem(file.path, "", str(error), "a smaller file, or a larger limit")
        return
    except _BROKEN_ENTRY as error:
        yield whole, Problem(file.path, "", str(error), "a file that can be read: check it")
        return
    if file.path.suffix.lower() == ".jsonl":
        for number, line in enumerate(content.split(b"\n"), 1):
            if line.strip():
                place = Place(file.path, f"line {number}", number)
                yield place, _parse(line, place)
        return
    data = _parse(content, whole)
    if isinstance(data, list):
        for number, item in enumerate(cast(list[Any], data), 1):
            yield Place(file.path, f"object {number}", number), item
    else:
        yield whole, data


def _parse(content: bytes, place: Place) -> Any:
    try:
        return from_json(content, allow_inf_nan=False)
    except ValueError as error:
        message, _, at = str(error).rpartition(" at ")
        return Problem(place.file, place.field(at), message, "valid JSON")


def _in_order(path: Path, files: Iterable[DataFile]) -> list[DataFile]:
    found = sorted((file for file in files if _is_data(file.path)), key=_order)
    if not found:
        raise UnreadablePathError(
            f"{path}: holds no file that ends in {' or '.join(_SUFFIXES)}. Expected "
            f"{expected_objects()}"
        )
    return found


def _is_data(path: Path) -> bool:
    hidden = path.name.startswith(".") or "__MACOSX" in path.parts
    return path.suffix.lower() in _SUFFIXES and not hidden


def _order(file: DataFile) -> tuple[bool, int, str]:
    return file.number is None, file.number or 0, str(file.path)


def _opener(path: Path, limits: SizeLimits) -> Callable[[], bytes]:
    def read() -> bytes:
        with path.open("rb") as file:
            return _read_within(file, limits)

    return read


def _reader(archive: ZipFile, name: str, limits: SizeLimits) -> Callable[[], bytes]:
    def read() -> bytes:
        with archive.open(name) as file:
            return _read_within(file, limits)

    return read


def _read_within(file: IO[bytes], limits: SizeLimits) -> bytes:
    content = file.read(limits.file + 1)
    if len(content) > limits.file:
        raise TooLargeError(
            f"more than {limits.file:,} bytes ({{limit}})", limit=Setting("import_file_bytes")
        )
    return content
