"""How to add to this installation what one of its parts needs."""

import json
import shlex
import sys
from importlib.metadata import PackageNotFoundError, distribution
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

_NAME = "magnet-counseling"


def how_to_install(extras: str) -> str:
    """Return the command that adds extras (`eval`, or several: `eval,train`) to this installation.

    It names this Python, since a shell's `pip` may be another's, and the folder that the package
    was installed from, if it was (PEP 610): pip would look for the bare name on PyPI.
    """
    source = _source_folder()
    what = ["-e", f"{source}[{extras}]"] if source else [f"{_NAME}[{extras}]"]
    return shlex.join([sys.executable, "-m", "pip", "install", *what])


def _source_folder() -> str | None:
    try:
        recorded = distribution(_NAME).read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    origin: dict[str, Any] = json.loads(recorded or "{}")
    url: str = origin.get("url", "")
    return url2pathname(urlsplit(url).path) if "dir_info" in origin else None
