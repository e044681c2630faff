"""`data.json`: what a folder of training data holds and how it came, for programs."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from magnet.prompts import Layout
from magnet.state.errors import Command
from magnet.training.data.errors import TrainingDataError
from magnet.training.data.lengths import TokenCounts
from magnet.training.data.settings import DataSettings
from magnet.training.data.splits import Split

MANIFEST = "data.json"


class SplitCounts(BaseModel):
    """The size of one split."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sessions: int
    clients: int
    examples: int
    trained: int
    """The counselor's utterances that carry loss."""
    tokens: TokenCounts | None
    """None without a tokenizer, or without an example."""


class DataManifest(DataSettings):
    """The settings that data was made with, and what came of them."""

    format: Literal["magnet-training-data-1"] = "magnet-training-data-1"
    counts: dict[Split, SplitCounts]
    sessions: dict[Split, tuple[str, ...]]
    clients: dict[Split, tuple[str, ...]]
    """Keys of clients: equal for sessions of one intake form."""
    left_out: dict[str, int]
    """Sessions, by reason."""
    untrained: dict[str, int]
    """The counselor's utterances in the examples that carry no loss, by reason."""
    prompt: str
    prompt_hash: str
    prompt_layout: Layout
    runs: tuple[str, ...]
    methods: dict[str, int]
    """Sessions by method."""
    models: dict[str, tuple[str, ...]]
    """The model ids that played each role; empty for imported sessions."""
    tokenizer: str | None


def read_manifest(folder: Path) -> DataManifest:
    """Read the manifest of a folder of training data.

    Raises:
        TrainingDataError: the folder holds none, or one that this version cannot read.
    """
    path = folder / MANIFEST
    try:
        return DataManifest.model_validate_json(path.read_bytes())
    except OSError as error:
        raise TrainingDataError(
            f"{path}: cannot be read ({error.strerror}). Expected a folder that '{{data}}' wrote",
            data=Command(("train", "data")),
        ) from error
    except ValidationError as error:
        raise TrainingDataError(
            f"{path}: is no manifest of this version: {error}. Write the folder again with "
            "'{data}'",
            data=Command(("train", "data")),
        ) from error
