"""How a model's answer came to be: what it cost, what was asked again, what was repaired."""

from typing import Annotated

from pydantic import AliasChoices, BaseModel, ConfigDict, Field


class Usage(BaseModel):
    """Tokens of one or more model calls."""

    model_config = ConfigDict(frozen=True)

    prompt: int = Field(default=0, ge=0, description="prompt tokens, cached ones included")
    cached: int = Field(
        default=0, ge=0, description="prompt tokens that the server did not compute"
    )
    completion: int = Field(default=0, ge=0)

    @classmethod
    def of(cls, prompt: object, cached: object, completion: object) -> "Usage":
        """Return stored counts; what is no count stands for 0.

        Databases hold what endpoints answered before their counts were checked.
        """
        return cls(prompt=_count(prompt), cached=_count(cached), completion=_count(completion))

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            prompt=self.prompt + other.prompt,
            cached=self.cached + other.cached,
            completion=self.completion + other.completion,
        )


def _count(value: object) -> int:
    return max(0, int(value)) if isinstance(value, int | float) and value == value else 0


class Provenance(BaseModel):
    """The account of one answer, kept beside it."""

    model_config = ConfigDict(frozen=True)

    seed: int = Field(description="model seed of the answer that was kept")
    calls: int = Field(default=1, ge=1, description="model calls made for it, retries included")
    usage: Usage = Usage()
    seconds: float = Field(default=0.0, description="time in model calls, summed")
    repairs: tuple[str, ...] = Field(default=(), description="what cleaning changed, by rule name")
    rejected: tuple[str, ...] = Field(
        default=(), description="for each answer that was asked again: the check that it failed"
    )
    flags: tuple[str, ...] = Field(
        default=(), description="checks that the kept answer still fails, and other warnings"
    )


class Accounted(BaseModel):
    """What keeps an account of the model calls behind it, in its field `provenance`.

    It is stored and exported under the key `making`, as in sessions of before it had this name.
    """

    model_config = ConfigDict(frozen=True, serialize_by_alias=True)


_KEYS = AliasChoices("provenance", "making")
AccountField = Annotated[Provenance, Field(validation_alias=_KEYS, serialization_alias="making")]
OptionalAccountField = Annotated[
    Provenance | None, Field(validation_alias=_KEYS, serialization_alias="making")
]
