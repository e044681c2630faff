"""The scales of the project: reading and checking their files."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from magnet.evals.scales.model import Scale, Sheet
from magnet.state.errors import BadUseError

PACKAGED = Path(__file__).parent
SCALES = ("ctrs", "wai", "panas", "coherence", "safety")


class ScaleError(BadUseError):
    """A scale that cannot be used: names the file and field, or the scale, and what is expected."""


def load_scale(path: Path) -> Scale:
    """Read a scale from a YAML file.

    Raises:
        ScaleError: naming the file and the field.
    """
    try:
        return Scale.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ScaleError(f"{path}: cannot be read as YAML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = " > ".join(map(str, first["loc"]))
        said = first["msg"].removeprefix("Value error, ")
        raise ScaleError(f"{path}: {f'{place}: ' if place else ''}{said}") from error


@cache
def scales() -> Mapping[str, Scale]:
    """Give the packaged scales by name."""
    return {name: load_scale(PACKAGED / f"{name}.yaml") for name in SCALES}


@cache
def sheets() -> Mapping[str, Sheet]:
    """Give every sheet of the packaged scales by name."""
    return {
        name: Sheet(name, scale, text)
        for scale in scales().values()
        for name, text in scale.sheets.items()
    }


def sheets_of(names: Sequence[str], *, full: bool = False) -> tuple[Sheet, ...]:
    """Give the sheets of scales.

    Args:
        names: of scales.
        full: also the sheets that are asked only of a full scale: the eleven items of CTRS.

    Raises:
        ScaleError: if there is no scale of a name.
    """
    for name in names:
        if name not in scales():
            raise ScaleError(f"no scale is named {name!r}; there are {', '.join(SCALES)}")
    wanted = {sheet for name in names for sheet in scales()[name].sheets}
    return tuple(
        sheet
        for name, sheet in sheets().items()
        if name in wanted and (full or not sheet.text.further)
    )


def sheet_named(name: str) -> Sheet:
    """Give a sheet by name.

    Raises:
        ScaleError: if there is none.
    """
    if name not in sheets():
        raise ScaleError(f"no sheet is named {name!r}; there are {', '.join(sheets())}")
    return sheets()[name]
