"""Several ranks: a process each, started and watched by torchrun."""

import os
import subprocess
import sys

from magnet.training.qlora.errors import TrainingFailedError
from magnet.training.qlora.job import QloraJob


def launch(job: QloraJob) -> None:
    """Train a prepared job with its ranks on this machine, to the end.

    Raises:
        TrainingFailedError: if a rank ends with an error; it said its cause on standard error.
    """
    command = [
        *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
        *("--nproc-per-node", str(job.ranks)),
        *("--module", "magnet.training.qlora.rank", str(job.out)),
    ]
    threads = max(1, (os.cpu_count() or 1) // job.ranks)
    environment = {"OMP_NUM_THREADS": str(threads), **os.environ}
    code = subprocess.run(command, env=environment, check=False).returncode
    if code:
        raise TrainingFailedError(
            f"a rank of {job.ranks} ended with exit code {code}; its error stands above. What was "
            "trained up to the last checkpoint is kept: the same command goes on from there"
        )
