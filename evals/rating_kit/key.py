"""The key of a rating kit: which session stood where. The researcher keeps it."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from magnet.state.errors import BadUseError, Command


class KitError(BadUseError):
    """A rating kit that cannot be made, or a key that cannot be used; the message says why."""


class KeyPair(BaseModel):
    """The two sessions of one pair, by their ids in the store."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    left: str
    right: str

    def session(self, side: Literal["left", "right"]) -> str:
        """Return the session on a side."""
        return self.left if side == "left" else self.right


class KeyScale(BaseModel):
    """A scale that the kit asked for on each session."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    lowest: int
    highest: int
    items: Annotated[tuple[str, ...], Field(min_length=1)]


class KitKey(BaseModel):
    """What it takes to read the answers to a kit."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: Literal["rating-key-1"] = "rating-key-1"
    kit: str = Field(description="the page's id; it is in each file of answers")
    arms: tuple[str, str] = Field(
        # Kits that are out with raters say sides.
        validation_alias=AliasChoices("arms", "sides"),
        description="what was compared, as the user named it",
    )
    seed: int = Field(description="drew the pairs and their sides")
    pairs: tuple[KeyPair, ...]
    aspects: tuple[str, ...]
    scales: tuple[KeyScale, ...]


def read_key(path: Path) -> KitKey:
    """Read a key.

    Raises:
        KitError: naming the file, the field and what to do.
    """
    try:
        return KitKey.model_validate_json(path.read_bytes())
    except OSError as error:
        raise KitError(
            f"{path}: cannot be read ({error.strerror}). Name the key that '{{export}}' "
            "wrote beside the page",
            export=Command(("rate", "export")),
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = " > ".join(map(str, first["loc"])) or "the file"
        raise KitError(
            f"{path}: {field}: {first['msg']}. Expected the key that '{{export}}' wrote",
            export=Command(("rate", "export")),
        ) from error
