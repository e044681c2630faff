"""The scales that there are: those that ship, those of other distributions, and the user's own.

An entry point of `magnet.scales` names a scale, and is the path of its YAML file, or a package
whose folder holds `NAME.yaml`. In the folder of the setting `scales_dir`, a scale is a file.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

import yaml
from pydantic import ValidationError

from magnet.evals.scales.model import Questionnaire, Scale
from magnet.models.settings import load_settings
from magnet.state.errors import BadUseError
from magnet.state.plugins import PluginError, plugged_in

PACKAGED = Path(__file__).parent
GROUP = "magnet.scales"
SCALES = ("ctrs", "wai", "panas", "coherence", "safety")
"""Names of those that ship."""


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
    """Return all scales by name, those that ship first.

    Raises:
        ScaleError: If a file cannot be used, or its name or that of a sheet is taken.
        PluginError: If an entry point cannot be loaded.
        SettingsError: If the settings cannot be read.
    """
    found = {name: load_scale(PACKAGED / f"{name}.yaml") for name in SCALES}
    for name, path in (*_plugged_in(), *_of_user()):
        if name in found:
            raise ScaleError(f"{path}: the scale {name} is there already. Rename the file")
        found[name] = load_scale(path)
        others = {sheet for one in found if one != name for sheet in found[one].sheets}
        for sheet in others & found[name].sheets.keys():
            raise ScaleError(
                f"{path}: sheets > {sheet}: another scale has a sheet of this name. Rename it, as "
                f"in {name}-{sheet}"
            )
    return found


@cache
def questionnaires() -> Mapping[str, Questionnaire]:
    """Return every sheet of every scale by name."""
    return {
        name: Questionnaire(name, scale, text)
        for scale in scales().values()
        for name, text in scale.sheets.items()
    }


def _plugged_in() -> Iterator[tuple[str, Path]]:
    for name, given in plugged_in(GROUP, object, shipped=SCALES).items():
        where = given.__file__ if isinstance(given, ModuleType) else given
        if not isinstance(where, str | Path):
            raise PluginError(
                f"entry point {name!r} of {GROUP}: expected the path of a YAML file, or a package "
                f"with {name}.yaml in its folder, found {given!r}"
            )
        path = Path(where)
        yield name, path.with_name(f"{name}.yaml") if isinstance(given, ModuleType) else path


def _of_user() -> Iterator[tuple[str, Path]]:
    folder = load_settings().scales_dir
    if folder is None:
        return
    if not folder.is_dir():
        raise ScaleError(f"scales_dir: {folder} is not a folder")
    for path in sorted(folder.glob("*.yaml")):
        yield path.stem, path


def questionnaires_of(names: Sequence[str], *, full: bool = False) -> tuple[Questionnaire, ...]:
    """Return the sheets of scales.

    Args:
        names: of scales.
        full: also the sheets that are asked only of a full scale: the eleven items of CTRS.

    Raises:
        ScaleError: if there is no scale of a name.
    """
    for name in names:
        if name not in scales():
            raise ScaleError(f"no scale is named {name!r}; there are {', '.join(scales())}")
    wanted = {sheet for name in names for sheet in scales()[name].sheets}
    return tuple(
        sheet
        for name, sheet in questionnaires().items()
        if name in wanted and (full or not sheet.text.further)
    )


def questionnaire_named(name: str) -> Questionnaire:
    """Return a sheet by name.

    Raises:
        ScaleError: if there is none.
    """
    if name not in questionnaires():
        raise ScaleError(f"no sheet is named {name!r}; there are {', '.join(questionnaires())}")
    return questionnaires()[name]
