"""The intake forms that ship with the program."""

from pathlib import Path

_HERE = Path(__file__).parent
# Installed, the forms lie in the package; in a checkout they lie in examples/.
_PLACES = (_HERE / "example_intake", _HERE.parent / "examples" / "intake")


def example_folder() -> Path:
    """Give the folder with the forms that ship with the program."""
    return next(place for place in _PLACES if place.is_dir())


def default_intake() -> Path:
    """Give the form that is used when none is named: the first."""
    return min(example_folder().glob("*.yaml"))
