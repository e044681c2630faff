"""Evaluating runs: the metrics by name, and what is done alike for all of them.

A metric is a function in a module of `magnet/metrics/` and a line in `METRICS`. It is given the
open workspace and the sessions by column (`Request`), and gives tables for the terminal, a value
for JSON, and perhaps plots (`Result`). What it needs of the command line besides is a field of
`Request` with a default and an option of `magnet/cli/eval.py`.
"""

import json
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from magnet.evals.metrics.diversity import measure_columns
from magnet.evals.metrics.judged import JUDGED
from magnet.evals.metrics.metric import (
    DiversityOptions,
    EvaluationError,
    JudgingOptions,
    Metric,
    Request,
    Result,
)
from magnet.evals.metrics.quality import quality
from magnet.sessions.transfer import find_sessions
from magnet.sessions.workspace import Workspace
from magnet.state.installing import how_to_install
from magnet.store import Session, SessionStatus

METRICS: Mapping[str, Metric] = {
    "quality": quality,
    "diversity": measure_columns,
    **JUDGED,
}


async def evaluate(
    workspace: Workspace,
    names: Sequence[str],
    metrics: Sequence[str],
    *,
    reference: str | None = None,
    diversity: DiversityOptions | None = None,
    judging: JudgingOptions | None = None,
) -> dict[str, Result]:
    """Compute metrics of runs.

    Args:
        workspace: where they are stored.
        names: runs, or the starts of sessions' ids.
        metrics: names of `METRICS`.
        reference: a run of one method, or the start of a session's id, that quality is shown
            beside.
        diversity: how that metric measures; none takes its defaults.
        judging: how judged metrics are; none takes their defaults.

    Returns:
        The result of each metric.

    Raises:
        EvaluationError: if there is no such metric, a run has no finished session, or the
            reference has several methods.
        UnknownIdError, AmbiguousIdError: if a name is not that of one run or session.
    """
    unknown = [name for name in metrics if name not in METRICS]
    if unknown or not metrics:
        raise EvaluationError(
            f"--metrics {','.join(unknown)}: expected some of {', '.join(METRICS)}"
        )
    columns = await read_columns(workspace, names)
    request = Request(
        workspace=workspace,
        columns=columns,
        reference=() if reference is None else await _read_reference(workspace, reference),
        diversity=diversity or DiversityOptions(),
        judging=judging or JudgingOptions(),
    )
    with extra_installed():
        return {name: await METRICS[name](request) for name in metrics}


async def read_columns(workspace: Workspace, names: Iterable[str]) -> dict[str, list[Session]]:
    """Give the finished sessions of runs, a column for each method of each.

    Raises:
        EvaluationError: if a run has no finished session.
        UnknownIdError, AmbiguousIdError: if a name is not that of one run or session.
    """
    columns: dict[str, list[Session]] = {}
    for name in dict.fromkeys(names):
        is_run, found = await find_sessions(workspace, name)
        sessions = [session for session in found if session.status is SessionStatus.FINISHED]
        if not sessions:
            named = f"run {name} has no finished session" if is_run else f"{name} is not finished"
            raise EvaluationError(f"{named}. Go on with it: magnet resume {name}{workspace.flag}")
        methods = dict.fromkeys(session.method for session in sessions)
        for method in methods:
            column = f"{name} {method}" if len(methods) > 1 else name
            columns[column] = [session for session in sessions if session.method == method]
    return columns


async def _read_reference(workspace: Workspace, name: str) -> list[Session]:
    columns = await read_columns(workspace, [name])
    if len(columns) > 1:
        raise EvaluationError(
            f"--reference {name}: expected sessions of one method, found {len(columns)} methods. "
            "Name another run, or put this one among the runs: each method is a column there"
        )
    return columns[name]


def write_results(results: Mapping[str, Result], folder: Path) -> list[Path]:
    """Write a NAME.json for each metric, and its plots into a folder of its name.

    Raises:
        EvaluationError: if a file cannot be written, or what plots need is not installed; the
            JSON is written all the same.
    """
    written = [folder / f"{name}.json" for name in results]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, result in zip(written, results.values(), strict=True):
            text = json.dumps(result.data, ensure_ascii=False, indent=1)
            path.write_text(text + "\n", encoding="utf-8")
        with extra_installed():
            for name, result in results.items():
                written += result.plot(folder / name) if result.plot else ()
    except OSError as error:
        raise EvaluationError(
            f"{error.filename or folder}: cannot be written ({error.strerror or error}). "
            "Name another folder with --out"
        ) from error
    return written


@contextmanager
def extra_installed() -> Generator[None]:
    """Say what to install where the block imports what is not installed.

    Raises:
        EvaluationError: then.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise EvaluationError(
            f"this needs {error.name}, which is not installed. Install it: {how_to_install('eval')}"
        ) from error
