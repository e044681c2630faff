"""One of torchrun's processes: `python -m training.qlora.rank OUT`."""

import sys
from pathlib import Path

from magnet.training.qlora.job import read_job
from magnet.training.qlora.prepare import prepare
from magnet.training.qlora.quiet import quiet

if __name__ == "__main__":
    with quiet():
        from magnet.training.qlora.fit import train_rank

        job = read_job(Path(sys.argv[1]))
        train_rank(job, prepare(job))
