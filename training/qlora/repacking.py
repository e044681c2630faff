"""A guard against what bitsandbytes does to 4-bit weights on some CPUs."""

from typing import Any


def keep_weights_as_they_are(model: Any) -> None:
    """Keep a 4-bit model's weights from being repacked; before it computes anything.

    On a CPU with AVX512-BF16, `bitsandbytes.nn.Linear4bit` (0.50) repacks its weight for a faster
    kernel the first time that it computes without gradients, as in an evaluation. Training goes on
    with the weight in the other order: its gradients are wrong, and a merge gives garbage.
    """
    from bitsandbytes.nn.modules import Linear4bit

    for module in model.modules():
        if isinstance(module, Linear4bit):
            module.support_avx512bf16_for_cpu = False
