"""A fine-tuning as it was asked for, and what is recorded of it in its folder."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from magnet.state.errors import Option
from magnet.training.qlora.conversations import HELD_OUT, TRAIN, read_file
from magnet.training.qlora.errors import OtherRunError
from magnet.training.qlora.settings import QloraSettings

METRICS, SAMPLES = "metrics.jsonl", "samples.jsonl"
CHECKPOINTS, ADAPTER = "checkpoints", "adapter"
_JOB, _SUMMARY = "job.json", "summary.json"
Reporter = Literal["tensorboard", "wandb"]


class QloraJob(BaseModel):
    """What to train, from what, where to, and how.

    The folder `out` comes to hold `job.json`, `metrics.jsonl`, `samples.jsonl`, `checkpoints/`,
    the `adapter/`, `summary.json`, and for a GGUF base `base/`, its weights unpacked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    data: Path
    """Folder that `magnet train data` wrote."""
    base: str
    """A name on Hugging Face, the folder of a model, or a GGUF file."""
    out: Path
    settings: QloraSettings
    ranks: int = Field(default=1, ge=1)
    report_to: Reporter | None = None


class Evaluation(BaseModel):
    """What the model makes of the held-out examples."""

    step: int
    loss: float
    """Nats a learned token; mean over batches."""
    accuracy: float
    """Share of learned tokens that are the likeliest."""


class Summary(BaseModel):
    """What has become of a fine-tuning that ended."""

    base: str
    data: str
    steps: int
    stopped_early: bool
    before: Evaluation
    after: Evaluation
    """Of the adapter that is kept: the best."""
    device: str
    dtype: str
    examples: int
    held_out: int
    learned_tokens: int
    """Of the training examples, those with loss."""
    tokens: int
    """Of the training examples, all."""
    trainable_parameters: int
    peak_memory: int
    """Bytes, of the first rank's process or GPU; of what ran after the last resumption."""
    versions: Mapping[str, str]


class _Record(BaseModel):
    job: QloraJob
    data_sha256: Mapping[str, str]


def claim(job: QloraJob) -> None:
    """Make the folder this job's, or find that it is: the same job goes on where it stopped.

    Raises:
        OtherRunError: if another job has been trained in it; names what differs.
        TrainingDataError: if the data cannot be read.
    """
    record = _Record(
        job=job,
        data_sha256={
            name: hashlib.sha256(read_file(job.data / name)).hexdigest()
            for name in (TRAIN, HELD_OUT)
        },
    )
    path = job.out / _JOB
    if path.exists() and (job.out / METRICS).exists():
        _compare(path, record)
    job.out.mkdir(parents=True, exist_ok=True)
    path.write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")


def read_job(out: Path) -> QloraJob:
    """Read the job whose run a folder holds."""
    return _Record.model_validate_json((out / _JOB).read_bytes()).job


def read_summary(out: Path) -> Summary | None:
    """Read what has become of the run in a folder; none if it has not ended."""
    path = out / _SUMMARY
    return Summary.model_validate_json(path.read_bytes()) if path.exists() else None


def write_summary(out: Path, summary: Summary) -> None:
    """Write what has become of a run; with it the run has ended."""
    partial = out / f"{_SUMMARY}.partial"
    partial.write_text(summary.model_dump_json(indent=2) + "\n", encoding="utf-8")
    partial.rename(out / _SUMMARY)


def _compare(path: Path, record: _Record) -> None:
    try:
        before = _Record.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise OtherRunError(
            f"{path}: cannot be read as a run of this version. Name another {{out}}",
            out=Option("out"),
        ) from error
    old, new = _decisive(before), _decisive(record)
    changed = [
        f"{name} (was {old[name]}, now {new[name]})" for name in new if old[name] != new[name]
    ]
    if changed:
        raise OtherRunError(
            f"{path.parent} holds a run with other {', '.join(changed)}. Give the same to go on "
            "with it, or name another {out}",
            out=Option("out"),
        )


def _decisive(record: _Record) -> dict[str, object]:
    # Where the data lies and who is told do not decide what is trained.
    job = record.job
    return {
        "base": job.base,
        "ranks": job.ranks,
        **job.settings.model_dump(),
        **{name: sha256[:12] for name, sha256 in record.data_sha256.items()},
    }
