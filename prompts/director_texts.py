"""The file `director.yaml`: all that a director can tell an agent."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TypeVar, cast

from pydantic import BaseModel, ConfigDict, PrivateAttr

M = TypeVar("M", bound=BaseModel)


class DirectorTexts(BaseModel):
    """The whole file; each part of the director reads those of its entries that are its own."""

    model_config = ConfigDict(frozen=True, extra="allow")

    settings: Mapping[str, str]
    blocks: Mapping[str, str]
    _read: dict[type[BaseModel], BaseModel] = PrivateAttr(
        default_factory=dict[type[BaseModel], BaseModel]
    )

    @property
    def entries(self) -> frozenset[str]:
        """Names of what the parts of the director say."""
        return frozenset(self.model_extra or ())

    def read(self, model: type[M]) -> M:
        """Return the entries that a model has fields for, read once.

        Raises:
            ValidationError: if one is missing or of another shape.
        """
        if model not in self._read:
            found: Mapping[str, Any] = self.model_extra or {}
            own = {name: found[name] for name in model.model_fields if name in found}
            self._read[model] = model.model_validate(own)
        return cast(M, self._read[model])

    @property
    def texts(self) -> list[str]:
        """All texts that an agent may be told."""
        return list(_strings(self.model_dump()))


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for one in cast(Mapping[str, Any], value).values():
            yield from _strings(one)
    elif isinstance(value, Sequence):
        for one in cast(Sequence[Any], value):
            yield from _strings(one)
