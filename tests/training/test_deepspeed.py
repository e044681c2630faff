"""Two ranks with ZeRO-2 and a 4-bit base learn what one process learns from the same examples."""

import shutil
from pathlib import Path

import pytest
import torch

from magnet.training.qlora.run import train
from tests.training.test_qlora import a_job, adapter_weights, losses

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("c++") is None, reason="DeepSpeed needs a C++ compiler"),
]


def test_two_ranks_with_zero_2_equal_one_process(tmp_path: Path) -> None:
    alone = a_job(tmp_path, "alone", accumulate=2, dropout=0.0, max_steps=4)
    together = a_job(tmp_path, "together", ranks=2, accumulate=1, dropout=0.0, max_steps=4)
    assert together.settings.zero == 2
    train(alone)
    train(together)
    shards = together.out / "checkpoints" / "checkpoint-4" / "global_step4"
    assert sorted(shards.glob("*zero_pp_rank_*_optim_states.pt")), "DeepSpeed did not run"
    for name in ("loss", "grad_norm", "eval_loss"):
        assert losses(together.out, name) == pytest.approx(losses(alone.out, name), rel=1e-5)
    # All weights but a few: Adam divides a gradient by its own size, so where one is all but zero,
    # its rounding decides where the weight goes.
    learned, also = adapter_weights(alone.out), adapter_weights(together.out)
    assert torch.isclose(also, learned, rtol=1e-3, atol=1e-5).float().mean() > 0.999
    apart = torch.linalg.vector_norm(also - learned)
    assert apart < 1e-4 * torch.linalg.vector_norm(learned)
