"""The folders in which other distributions bring methods of their own, with their prompts.

An entry point of the group `magnet.methods` names a package. It holds `methods.toml`, and where its
methods need prompts of their own, a folder `prompts`.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import ModuleType

from magnet.state.plugins import PluginError, plugged_in

GROUP = "magnet.methods"


@cache
def method_folders() -> Mapping[str, Path]:
    """Return the folder of each entry point, by the entry point's name.

    Raises:
        PluginError: if one cannot be loaded, or names no package with a file `methods.toml`.
    """
    packages = plugged_in(GROUP, ModuleType)
    return {name: _folder(name, package) for name, package in packages.items()}


def _folder(name: str, package: ModuleType) -> Path:
    folder = files(package) if hasattr(package, "__path__") else None
    if not isinstance(folder, Path) or not (folder / "methods.toml").is_file():
        raise PluginError(
            f"entry point {name!r} of {GROUP}: expected a package with a file methods.toml, found "
            f"{package.__name__}"
        )
    return folder
