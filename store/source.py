"""Where an imported session is from, and what its file says that a session has no place for."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, field_serializer
from pydantic_core import to_json


class Source(BaseModel):
    """An imported object without what the session itself can give back."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str = Field(description="name of the format that it was read from")
    file: str = Field(description="name without its folder")
    number: int | None = Field(description="place in the imported data, from 1, where it has one")
    data: dict[str, JsonValue] = Field(
        description="the object, its fields in their order, null for those in `rebuilt`"
    )
    rebuilt: frozenset[str] = Field(description="fields of `data` that the session gives back")

    @field_serializer("rebuilt")
    def _in_order(self, rebuilt: frozenset[str]) -> list[str]:
        # A set has another order in each process, and an export would not be the same twice.
        return sorted(rebuilt)

    @classmethod
    def of(
        cls,
        data: Mapping[str, Any],
        known: Mapping[str, Any],
        *,
        format: str,
        file: str,
        number: int | None,
    ) -> Self:
        """Keep of an object what the session cannot give back.

        Args:
            data: the object as its file has it.
            known: what the session gives for fields of such an object; a field counts as given
                back only if it is equal to the last character, the order of keys included.
            format: name of the format.
            file: its name without its folder.
            number: its place.
        """
        rebuilt = frozenset(
            name
            for name in data.keys() & known.keys()
            if to_json(data[name]) == to_json(known[name])
        )
        kept = {name: None if name in rebuilt else value for name, value in data.items()}
        return cls(format=format, file=file, number=number, data=kept, rebuilt=rebuilt)

    def fill(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return the object back, with the session's values where they are as they were."""
        return {
            name: known[name] if name in self.rebuilt else value
            for name, value in self.data.items()
        }
