"""The scores in Inspect's logs: those of `inspect eval-retry` are found here alone."""

from collections.abc import Iterator
from pathlib import Path

from inspect_ai.log import EvalSample, list_eval_logs, read_eval_log_samples

from magnet.evals.judging.scorers import SCORES
from magnet.store.scores import ItemScore


def scores_in(folder: Path) -> Iterator[ItemScore]:
    """Give the scores of all logs in a folder, a log of an interrupted task included."""
    if not folder.is_dir():
        return
    for log in list_eval_logs(str(folder)):
        for sample in read_eval_log_samples(log, all_samples_required=False):
            yield from _scores_of(sample)


def _scores_of(sample: EvalSample) -> Iterator[ItemScore]:
    for score in (sample.scores or {}).values():
        yield from SCORES.validate_python((score.metadata or {}).get("scores", ()))
