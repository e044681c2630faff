"""DeepSpeed's configuration: ZeRO (arXiv 1910.02054), stage 2 unless asked otherwise."""

from typing import Any


def zero_config(stage: int) -> dict[str, Any]:
    """Return the configuration; `auto` takes the trainer's value.

    There is no `optimizer` block: the trainer makes the optimizer, so that it is the same with one
    rank and with several, and DeepSpeed need not compile its own.
    """
    return {
        "zero_optimization": {"stage": stage},
        "zero_allow_untested_optimizer": True,
        "bf16": {"enabled": "auto"},
        "fp16": {"enabled": "auto"},
        "gradient_clipping": "auto",
        "gradient_accumulation_steps": "auto",
        "train_batch_size": "auto",
        "train_micro_batch_size_per_gpu": "auto",
    }
