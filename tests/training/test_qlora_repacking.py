"""An evaluation in mid-training leaves the gradients that come after it as they were."""

from pathlib import Path

import pytest
import torch
from peft import LoraConfig, get_peft_model

from magnet.training.qlora.base import load_model
from magnet.training.qlora.settings import load_settings
from tests.training.tiny_models import make_model

TOKENS = torch.arange(24).reshape(1, 24)


def gradients(model: torch.nn.Module) -> torch.Tensor:
    model.zero_grad()
    model.train()
    model(input_ids=TOKENS, labels=TOKENS).loss.backward()
    return torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])


@pytest.mark.slow
@pytest.mark.skipif(
    not torch.cpu.get_capabilities().get("avx512_bf16", False),
    reason="bitsandbytes repacks on AVX512-BF16 alone",
)
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_an_evaluation_leaves_the_next_gradients_unchanged(
    tmp_path: Path, dtype: torch.dtype
) -> None:
    base = load_model(str(make_model(tmp_path)), load_settings(), dtype, "cpu")
    torch.manual_seed(0)
    adapter = LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM")
    model = get_peft_model(base, adapter)
    before = gradients(model)
    assert before.abs().sum() > 0
    model.eval()
    with torch.no_grad():
        model(input_ids=TOKENS)
    assert torch.equal(gradients(model), before)
