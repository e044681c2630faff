"""Judging stored sessions: what is not scored yet is asked, through Inspect, and stored."""

import hashlib
import logging
import os
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import inspect_ai
from inspect_ai import Task
from inspect_ai.log import (
    EvalLog,
    EvalSample,
    list_eval_logs,
    read_eval_log_sample_summaries,
    read_eval_log_samples,
)
from inspect_ai.util import display_type
from platformdirs import user_data_path

from magnet.evals.judging.inspect_api import calls_at_once, open_judge
from magnet.evals.judging.jobs import (
    JOURNAL,
    JudgingJob,
    ScoreJournal,
    StoredJournal,
    jobs_for,
    judge_config_of,
)
from magnet.evals.judging.tasks import SCORES, judging
from magnet.evals.progress import counting
from magnet.evals.scales.judge_input import write_judge_inputs
from magnet.models.redaction import redact
from magnet.models.settings import Settings
from magnet.sessions.run_lock import hold_judging
from magnet.sessions.workspace import Workspace
from magnet.state.errors import MagnetError, Option
from magnet.store import Session
from magnet.store.scores import ItemScore
from magnet.store.urls import is_sqlite


class JudgingError(MagnetError):
    """Sessions cannot be judged; the text names the file and the remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """How sessions are judged."""

    judges: Sequence[str]
    """Model ids."""
    samples: int = 3
    batch: bool = False


@dataclass(frozen=True, slots=True)
class AskedCounts:
    """What came of asking the judges."""

    scores: int
    """That were not stored before."""
    failed: int
    """Of those, that could not be had: an endpoint broke off, say. The same again goes on."""
    errors: tuple[str, ...]
    logs: Path
    """The folder for `inspect view`."""


async def judge_sessions(
    workspace: Workspace,
    sessions: Sequence[Session],
    scales: Sequence[str],
    how: Judging,
    *,
    full: bool = False,
) -> AskedCounts:
    """Have sessions judged; `read_judged` of `stored_scores` gives what the judges said.

    Args:
        workspace: the open database.
        sessions: finished ones.
        scales: names: ctrs, wai, panas, coherence, safety.
        how: which judges, and how often.
        full: also the items that are asked only of a full scale: the eleven of CTRS.

    Raises:
        ScaleError: if there is no scale of a name.
        SettingsError, EndpointError, ModelDownloadError, ModelStartError: if a judge cannot be had.
        RunBusyError: if another process has one of their runs judged.
        StoreError: if the database cannot be read.
    """
    jobs = jobs_for(sessions, scales, judge_config_of(workspace.settings), full=full)
    async with hold_judging(workspace, sessions):
        return await fill_in(workspace, jobs, how)


async def import_logs(workspace: Workspace, folder: Path) -> int:
    """Store the scores of Inspect's logs, as `inspect eval-retry` leaves them; give their number.

    Raises:
        StoreError: if the database cannot be written.
    """
    scores = list(scores_in(folder))
    await workspace.store.scores.record(scores)
    return len(scores)


async def fill_in(workspace: Workspace, jobs: Sequence[JudgingJob], how: Judging) -> AskedCounts:
    """Ask judges what the store does not hold, and store each answer when it comes.

    Args:
        workspace: the open database.
        jobs: what they are to fill in.
        how: which judges, and how often.

    Raises:
        SettingsError: if a model id, provider or key cannot be used, or has no batches.
        EndpointError: if an endpoint does not answer.
        ModelDownloadError, ModelStartError: if an embedded model cannot be had.
        StoreError: if the database cannot be read.
        JudgingError: if the logs cannot be written.
    """
    logs = logs_folder(workspace)
    subjects = {judge_input.subject for job in jobs for judge_input in job.judge_inputs}
    known = await workspace.store.scores.of(sorted(subjects))
    journal = StoredJournal(workspace.store.scores, known)
    total = failed = 0
    errors: dict[str, None] = {}
    for judge in how.judges:
        left = [job.left(judge, how.samples, journal) for job in jobs]
        left = [job for job in left if job.judge_inputs]
        count = sum(job.missing(judge, how.samples, journal) for job in left)
        if not count:
            continue
        tasks = [_task(job, how, logs) for job in left]
        with counting(judge, "scores") as bar:
            bar.expect(count)
            journal.watch = bar.advance
            done = await _run(workspace.settings, judge, tasks, how, logs, journal)
        total += count
        failed += sum(job.missing(judge, how.samples, journal) for job in left)
        errors |= dict.fromkeys(error for log in done for error in _errors(log))
    return AskedCounts(total, failed, tuple(errors), logs)


def logs_folder(workspace: Workspace) -> Path:
    """Return the folder of a database's Inspect logs: beside its file, or in the user's data."""
    url = workspace.store.url
    if is_sqlite(url) and url.database:
        file = Path(url.database)
        return file.with_name(f"{file.stem}-judging")
    return user_data_path("magnet") / "judging"


def _task(job: JudgingJob, how: Judging, logs: Path) -> Task:
    text = "".join(judge_input.model_dump_json() for judge_input in job.judge_inputs)
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    path = (logs / "materials" / f"{digest}.jsonl").absolute()
    try:
        write_judge_inputs(path, job.judge_inputs)
    except OSError as error:
        raise JudgingError(
            f"{path}: cannot be written ({error.strerror}). Inspect's logs lie beside the "
            "database: make its folder writable, or name another with {db}",
            db=Option("db"),
        ) from error
    return judging(
        judge_inputs=str(path),
        sheets=",".join(sheet.name for sheet in job.sheets),
        samples=how.samples,
        temperature=job.config.temperature,
        order=job.config.order,
        answer_tokens=job.config.answer_tokens,
        at_once=how.batch,
    )


async def _run(
    settings: Settings,
    judge: str,
    tasks: Sequence[Task],
    how: Judging,
    logs: Path,
    journal: ScoreJournal,
) -> list[EvalLog]:
    _silence()
    token = JOURNAL.set(journal)
    try:
        # Inspect prints how its batches stand; stdout is for the result.
        with redirect_stdout(sys.stderr), _root_logger_kept():
            async with await open_judge(settings, judge, batch=how.batch) as model:
                return await inspect_ai.eval_async(
                    list(tasks),
                    model=model,
                    log_dir=str(logs),
                    log_level="error",
                    log_header_only=True,
                    max_samples=calls_at_once(judge),
                    batch=how.batch or None,
                    ctl_server=False,
                )
    finally:
        JOURNAL.reset(token)


@contextmanager
def _root_logger_kept() -> Generator[None]:
    """Undo what Inspect sets for the whole process, which silences everybody's warnings."""
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    try:
        yield
    finally:
        root.setLevel(level)
        root.handlers[:] = handlers


def _silence() -> None:
    """Keep Inspect's own display from the terminal, unless the user's environment asks for it."""
    os.environ.setdefault("INSPECT_DISPLAY", "none")
    display_type()  # reads the variable; `eval_async` alone would not


def _errors(log: EvalLog) -> list[str]:
    whole = [log.error.message] if log.error else []
    of_samples = [one.error for one in read_eval_log_sample_summaries(log.location) if one.error]
    return [redact(error) for error in (*whole, *of_samples)]


def scores_in(folder: Path) -> Iterator[ItemScore]:
    """Yield the scores of all logs in a folder, a log of an interrupted task included."""
    if not folder.is_dir():
        return
    for log in list_eval_logs(str(folder)):
        for sample in read_eval_log_samples(log, all_samples_required=False):
            yield from _scores_of(sample)


def _scores_of(sample: EvalSample) -> Iterator[ItemScore]:
    for score in (sample.scores or {}).values():
        yield from SCORES.validate_python((score.metadata or {}).get("scores", ()))
