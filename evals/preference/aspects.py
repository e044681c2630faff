"""The aspects that two sessions are compared on: data, in `aspects.yaml`."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from magnet.state.errors import BadUseError

PACKAGED = Path(__file__).with_name("aspects.yaml")
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class AspectError(BadUseError):
    """Aspects that cannot be used: names the file and field, or the aspect, and the remedy."""


class Aspect(BaseModel):
    """One respect in which a session can be better than another."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
    label: Line
    question: Line = Field(description="asks which of two sessions is better in this respect")
    look_for: Line = Field(description="what shows it in a transcript")


_ASPECTS = TypeAdapter(Annotated[tuple[Aspect, ...], Field(min_length=1)])


def load_aspects(path: Path = PACKAGED) -> tuple[Aspect, ...]:
    """Read aspects from a YAML file; the packaged ones are the nine of arXiv 2509.04183.

    Raises:
        AspectError: naming the file and the field.
    """
    try:
        aspects = _ASPECTS.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise AspectError(f"{path}: cannot be read as YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = " > ".join(
            f"aspect {part + 1}" if isinstance(part, int) else part for part in first["loc"]
        )
        raise AspectError(
            f"{path}: {place or 'the file'}: {first['msg']}. Expected a list of aspects, each with "
            f"{', '.join(Aspect.model_fields)}"
        ) from error
    ids = [aspect.id for aspect in aspects]
    twice = [name for name in ids if ids.count(name) > 1]
    if twice:
        raise AspectError(f"{path}: two aspects have the id {twice[0]!r}; give each its own")
    return aspects


def pick_aspects(aspects: Sequence[Aspect], names: Sequence[str]) -> tuple[Aspect, ...]:
    """Return the aspects of these ids, in the order of `aspects`.

    Raises:
        AspectError: if there is none of an id.
    """
    known = [aspect.id for aspect in aspects]
    for name in names:
        if name not in known:
            raise AspectError(f"no aspect is named {name!r}; there are {', '.join(known)}")
    return tuple(aspect for aspect in aspects if aspect.id in names)
