"""The folders in which other distributions bring methods of their own, with their prompts.

An entry point of the group `magnet.methods` names a package. It holds `methods.toml`, and where its
methods need prompts of their own, a folder `prompts`.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import ModuleType

from magnet.state.errors import BadUseError
from magnet.state.plugins import entry_points

GROUP = "magnet.methods"


@cache
def method_folders() -> Mapping[str, Path]:
    """Return the folder of each entry point, by the entry point's name.

    Raises:
        BadUseError: if one cannot be loaded, or names no package that lies in a folder.
    """
    return {name: _folder(name, load()) for name, load in entry_points(GROUP).items()}


def _folder(name: str, package: object) -> Path:
    folder = files(package) if isinstance(package, ModuleType) else None
    if not isinstance(folder, Path) or not (folder / "methods.toml").is_file():
        raise BadUseError(
            f"entry point {name!r} of {GROUP}: expected a package with a file methods.toml, found "
            f"{package!r}"
        )
    return folder
