"""Checks, before the package is built or installed, that the links in src/magnet/ are links."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CheckLinks(BuildHookInterface[Any]):
    """Refuses a checkout in which Git has written links as text files, as it does on Windows."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Check each entry of src/magnet/.

        Raises:
            RuntimeError: naming the links, with the commands that make them.
        """
        package = Path(self.root, "src", "magnet")
        broken = [
            str(path.relative_to(self.root))
            for path in sorted(package.iterdir())
            if path.is_file() and not path.suffix
        ]
        if broken:
            raise RuntimeError(
                f"{', '.join(broken)}: expected links to folders, found text files. Git writes "
                "links as text where they are switched off, as on Windows. Turn on Developer Mode "
                "of Windows, then run: git config core.symlinks true && git checkout -- src"
            )
