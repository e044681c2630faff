"""Fine-tuning from data to adapter: `train` is what the command and a notebook call."""

from magnet.training.qlora.base import unpack_base
from magnet.training.qlora.checkpoints import newest_checkpoint
from magnet.training.qlora.job import CHECKPOINTS, QloraJob, Summary, claim, read_summary
from magnet.training.qlora.launch import launch
from magnet.training.qlora.plan import check_installed, check_memory
from magnet.training.qlora.prepare import prepare
from magnet.training.qlora.quiet import quiet


def train(job: QloraJob) -> Summary:
    """Fine-tune; the same job again goes on from its last checkpoint, or says how it ended.

    Raises:
        QloraError: if it cannot begin: names what is wrong, and the remedy.
        BaseModelError: if the base cannot be read.
        TrainingDataError: if the data cannot be read.
        TrainingFailedError: if a rank ends before the training does.
    """
    check_installed(job)
    claim(job)
    summary = read_summary(job.out)
    if summary is None:
        with quiet():
            _train(job)
        summary = read_summary(job.out)
    assert summary is not None
    return summary


def _train(job: QloraJob) -> None:
    import torch

    from magnet.training.qlora.fit import train_rank

    prepared = prepare(job)
    check_memory(job, prepared.plan, prepared.shapes)
    unpack_base(job.base, job.out)
    newest_checkpoint(job.out / CHECKPOINTS)
    # Alone on a machine of several GPUs the trainer would split each batch over all of them.
    if job.ranks > 1 or torch.cuda.device_count() > 1:
        launch(job)
    else:
        train_rank(job, prepared)
