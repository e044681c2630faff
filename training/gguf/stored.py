"""Weights in safetensors files, read one at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import safe_open
from torch import Tensor


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """A weight in a file."""

    file: Path
    name: str
    shape: tuple[int, ...]

    def load(self) -> Tensor:
        """Read it."""
        with _open(self.file) as file:
            return file.get_tensor(self.name)


def stored_in(path: Path) -> Iterator[StoredTensor]:
    """Yield the weights of a file."""
    with _open(path) as file:
        names: list[str] = file.keys()
        for name in names:
            yield StoredTensor(path, name, tuple(file.get_slice(name).get_shape()))


def _open(path: Path) -> Any:
    return safe_open(path, "pt")
