"""One of torchrun's processes: `python -m training.qlora.rank OUT`."""

import sys
from pathlib import Path

from training.qlora.job import read_job
from training.qlora.prepare import prepare
from training.qlora.quiet import quiet

if __name__ == "__main__":
    with quiet():
        from training.qlora.fit import train_rank

        job = read_job(Path(sys.argv[1]))
        train_rank(job, prepare(job))
