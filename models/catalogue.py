"""The models that can be fetched by name: where from, under which licence, and their SHA-256."""

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator

_PATH = Path(__file__).with_name("catalogue.toml")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WheelPart(_Strict):
    """A package on PyPI that carries bytes of a model file."""

    requirement: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]+==[A-Za-z0-9.]+$")]
    inner: str
    """Path of the bytes inside the wheel."""


class HubFile(_Strict):
    """A file on Hugging Face."""

    repo: str
    file: str
    revision: str = "main"

    @property
    def url(self) -> str:
        """Address of the file's content; $HF_ENDPOINT names a mirror, as it does for the hub."""
        host = os.environ.get("HF_ENDPOINT", "https://huggingface.co").rstrip("/")
        return f"{host}/{self.repo}/resolve/{self.revision}/{self.file}"


class CatalogueEntry(_Strict):
    """A model file that can be fetched by name."""

    name: str
    title: str
    licence: str
    """SPDX identifier."""
    licence_url: str
    source_url: str
    """Page of whoever published the file."""
    file_name: str
    size: PositiveInt
    """Bytes."""
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    context: PositiveInt
    """Tokens that the model was trained to read at once."""
    wheels: tuple[WheelPart, ...] = ()
    """Joined in this order they are the file."""
    hub: HubFile | None = None

    @model_validator(mode="after")
    def _comes_from_somewhere(self) -> Self:
        if not self.wheels and self.hub is None:
            raise ValueError(f"{self.name}: expected wheels, hub or both to fetch the model from")
        return self


class _Catalogue(_Strict):
    models: tuple[CatalogueEntry, ...]


@cache
def load_catalogue() -> dict[str, CatalogueEntry]:
    """Return the models that can be fetched, by name, the default first."""
    content = tomllib.loads(_PATH.read_text(encoding="utf-8"))
    return {entry.name: entry for entry in _Catalogue.model_validate(content).models}


def default_model() -> str:
    """Return the name of the model that `embedded` stands for where none is named."""
    return next(iter(load_catalogue()))
