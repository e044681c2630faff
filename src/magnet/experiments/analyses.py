"""The analyses that an experiment can name: what judges must have scored, and what is written."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from magnet.evals.affect.analysis import deterioration_jobs, read_deterioration, write_deterioration
from magnet.evals.judging.jobs import JudgeConfig, JudgingJob
from magnet.sessions.workspace import Workspace
from magnet.store import Session

Columns = Mapping[str, Sequence[Session]]
"""Finished sessions by what they are shown under."""
JobsOf = Callable[[Sequence[Session], JudgeConfig], list[JudgingJob]]
"""Gives what judges are to fill in about sessions."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """One analysis."""

    jobs: JobsOf
    """What judges are to fill in first."""
    write: Callable[[Workspace, Columns, Sequence[str], Path], Awaitable[list[Path]]]
    """Writes what the judges' scores say into a folder, and gives the files' paths."""


async def _write_negative(
    workspace: Workspace, columns: Columns, judges: Sequence[str], folder: Path
) -> list[Path]:
    found = [await read_deterioration(workspace, columns, judge) for judge in judges]
    return write_deterioration(found, folder)


ANALYSES: Mapping[str, Analysis] = {"negative": Analysis(deterioration_jobs, _write_negative)}
