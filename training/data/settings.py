"""What a user decides about training data; its manifest repeats it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from magnet.store.formats import NOT_STATED
from magnet.training.data.filters import Bound
from magnet.training.data.splits import SplitName

Shape = Literal["session", "utterance"]


class DataSettings(BaseModel):
    """Which sessions become examples, and in which shape."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    shape: Shape = Field(
        default="session",
        description="an example is a session with all its counselor's turns, or one such turn",
    )
    split: SplitName = "shares"
    seed: int = Field(default=0, ge=0, description="of the split by shares")
    filters: tuple[Bound, ...] = ()
    judge: str | None = Field(
        default=None,
        description="model id of the judge whose scores filter; unset, the settings' judge",
    )
    keep_duplicates: bool = Field(
        default=False,
        description="train also on what was said before, in the same or similar words",
    )
    licence: str = Field(default=NOT_STATED, description="an identifier such as cc-by-4.0")
