"""Writing what was found into a folder that the user named."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from magnet.state.errors import MagnetError, Option


@contextmanager
def writing_into(folder: Path, failed: type[MagnetError]) -> Generator[None]:
    """Make a folder; in the block, files are written into it.

    Args:
        folder: where.
        failed: the error to raise where one cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        yield
    except OSError as error:
        raise failed(
            f"{error.filename or folder}: cannot be written ({error.strerror or error}). "
            "Name another folder with {out}",
            out=Option("out"),
        ) from error
