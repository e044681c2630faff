"""Evaluating runs on metrics, and writing what was found.

A metric is a descriptor in a module of `evals/metrics/` (see `Metric`) and a line in
`evals/metrics/registry.py`; one of another distribution is an entry point of `magnet.metrics`.
"""

import json
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from magnet.evals.metrics.metric import EvaluationError, Options, Request, Result
from magnet.evals.metrics.registry import chosen, evaluated
from magnet.evals.writing import writing_into
from magnet.sessions.transfer import find_sessions
from magnet.sessions.workspace import Workspace
from magnet.state.errors import Command, Extra, Option
from magnet.store import Session, SessionStatus


async def evaluate(
    workspace: Workspace,
    names: Sequence[str],
    metrics: Sequence[str],
    *,
    reference: str | None = None,
    options: Options | None = None,
) -> dict[str, Result]:
    """Compute metrics of runs.

    Args:
        workspace: where they are stored.
        names: runs, or the starts of sessions' ids.
        metrics: names of `evaluated`.
        reference: a run of one method, or the start of a session's id, that quality is shown
            beside.
        options: those of the metrics; none takes their defaults.

    Returns:
        The result of each metric.

    Raises:
        EvaluationError: if there is no such metric, a run has no finished session, or the
            reference has several methods.
        UnknownIdError, AmbiguousIdError: if a name is not that of one run or session.
    """
    wanted = chosen(metrics, evaluated())
    columns = await read_columns(workspace, names)
    request = Request(
        workspace=workspace,
        columns=columns,
        reference=() if reference is None else await _read_reference(workspace, reference),
        metrics=metrics,
        options=options or Options(),
    )
    with extra_installed():
        return {one.name: await one.measure(request) for one in wanted if one.measure}


async def read_columns(workspace: Workspace, names: Iterable[str]) -> dict[str, list[Session]]:
    """Return the finished sessions of runs, a column for each method of each.

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
            raise EvaluationError(
                f"{named}. Go on with it: {{resume}}",
                resume=Command(("resume", name), database=workspace.named_database),
            )
        methods = dict.fromkeys(session.method for session in sessions)
        for method in methods:
            column = f"{name} {method}" if len(methods) > 1 else name
            columns[column] = [session for session in sessions if session.method == method]
    return columns


async def _read_reference(workspace: Workspace, name: str) -> list[Session]:
    columns = await read_columns(workspace, [name])
    if len(columns) > 1:
        raise EvaluationError(
            f"{{reference}} {name}: expected sessions of one method, found {len(columns)} methods. "
            "Name another run, or put this one among the runs: each method is a column there",
            reference=Option("reference"),
        )
    return columns[name]


def write_results(results: Mapping[str, Result], folder: Path) -> list[Path]:
    """Write a NAME.json for each metric, and its plots into a folder of its name.

    Raises:
        EvaluationError: if a file cannot be written, or what plots need is not installed; the
            JSON is written all the same.
    """
    written = [folder / f"{name}.json" for name in results]
    with writing_into(folder, EvaluationError):
        for path, result in zip(written, results.values(), strict=True):
            text = json.dumps(result.data, ensure_ascii=False, indent=1)
            path.write_text(text + "\n", encoding="utf-8")
        with extra_installed():
            for name, result in results.items():
                written += result.plot(folder / name) if result.plot else ()
    return written


@contextmanager
def extra_installed() -> Generator[None]:
    """Return what to install where the block imports what is not installed.

    Raises:
        EvaluationError: then.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        raise EvaluationError(
            f"this needs {error.name}, which is not installed. Install it: {{eval}}",
            eval=Extra("eval"),
        ) from error
