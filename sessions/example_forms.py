"""The intake forms that ship with the program."""

from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "example_intake"


def example_folder() -> Path:
    """Return the folder with the forms that ship with the program."""
    return _FOLDER


def default_intake() -> Path:
    """Return the form that is used when none is named: the first."""
    return min(example_folder().glob("*.yaml"))
