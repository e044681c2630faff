"""Runs of sessions that were made elsewhere: they are read and judged, never played on."""

from magnet.state.errors import BadUseError
from magnet.store import Run

IMPORTED = {"imported": True}
"""The settings of a run that holds imported sessions: nothing is generated into it."""


class ImportedError(BadUseError):
    """An imported session cannot go on: the checkpoints to go on from stayed where it was made."""


def is_imported(run: Run) -> bool:
    """Return whether a run holds imported sessions."""
    return run.settings == IMPORTED


def refuse_imported(run: Run) -> None:
    """See that a run's sessions can be played.

    Raises:
        ImportedError: if they are imported.
    """
    if is_imported(run):
        raise ImportedError(
            f"run {run.name} is imported: its sessions can be shown, exported and evaluated. "
            "What is unfinished of them goes on in the database that they were made in"
        )
