"""Names that a package exports from modules that are imported when a name is first asked for.

So a package can offer all that leaves it, and who wants one name does not wait for the imports of
the others.
"""

import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any


def lazily(package: str, names: Mapping[str, Sequence[str]]) -> Callable[[str], Any]:
    """Return a package's `__getattr__` (PEP 562).

    No name may be that of a module of the package: importing the module would put it in the place
    of what is exported.

    Args:
        package: Its `__name__`.
        names: Module of the package -> the names that it exports from there.
    """
    homes = {name: module for module, exported in names.items() for name in exported}

    def look_up(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(f"{package}.{homes[name]}"), name)
        setattr(sys.modules[package], name, found)
        return found

    return look_up
