"""Checkpoints of a training: which one to go on from."""

import json
import shutil
from pathlib import Path

_STATE = "trainer_state.json"


def _step(checkpoint: Path) -> int:
    return int(checkpoint.name.rpartition("-")[2])


def _is_whole(checkpoint: Path) -> bool:
    # The trainer writes its state last; a process that is killed before leaves the rest alone.
    try:
        json.loads((checkpoint / _STATE).read_bytes())
    except (OSError, ValueError):
        return False
    return True


def newest_checkpoint(folder: Path) -> Path | None:
    """Return the newest checkpoint that was written to its end, and remove those that were not."""
    whole: list[Path] = []
    for checkpoint in folder.glob("checkpoint-*"):
        if _is_whole(checkpoint):
            whole.append(checkpoint)
        else:
            shutil.rmtree(checkpoint)
    return max(whole, key=_step, default=None)
