"""What the settings come to on this machine; what cannot work is refused before it is loaded."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal

from magnet.state.errors import Command, Extra, Option
from magnet.training.qlora.errors import InfeasibleError
from magnet.training.qlora.job import QloraJob
from magnet.training.qlora.labels import Labelled
from magnet.training.qlora.memory import Load, bits_of, estimate
from magnet.training.qlora.settings import QloraSettings
from magnet.training.qlora.shapes import Shapes

PACKAGES = ("torch", "transformers", "peft", "trl", "accelerate", "bitsandbytes", "datasets")
Device = Literal["cuda", "cpu"]
Dtype = Literal["bfloat16", "float16", "float32"]


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """The settings that depend on the machine or the data, decided."""

    device: Device
    dtype: Dtype
    optimizer: str
    gradient_checkpointing: bool
    max_length: int


def uses_deepspeed(job: QloraJob) -> bool:
    """Return whether DeepSpeed runs the ranks."""
    return job.ranks > 1 and job.settings.zero > 0


def check_installed(job: QloraJob) -> None:
    """Check that what the job needs is installed.

    Raises:
        InfeasibleError: naming what is missing and how to get it.
    """
    needed: dict[str, str] = dict.fromkeys(PACKAGES, "train")
    if job.base.endswith(".gguf"):
        needed["gguf"] = "train"
    if uses_deepspeed(job):
        needed["deepspeed"] = "deepspeed"
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        extras = ",".join(sorted({needed[name] for name in missing}))
        raise InfeasibleError(
            f"this fine-tuning needs {', '.join(missing)}, not installed here. Install: {{extra}}",
            extra=Extra(extras),
        )
    if job.report_to and find_spec(job.report_to) is None:
        raise InfeasibleError(
            f"{{option}}: not installed here. Install: pip install {job.report_to}",
            option=Option("report_to", job.report_to),
        )


def make_plan(job: QloraJob, shapes: Shapes, examples: Sequence[Labelled]) -> TrainingPlan:
    """Decide what depends on machine and data.

    Args:
        job: what is asked for.
        shapes: of the base.
        examples: all that is trained on or held out, tokenized.

    Raises:
        InfeasibleError: if it cannot work here; says why, and what to change.
    """
    import torch

    settings = job.settings
    device: Device = "cuda" if torch.cuda.is_available() else "cpu"
    _check_ranks(job, device)
    return TrainingPlan(
        device=device,
        dtype=_choose_dtype(job, device),
        optimizer=_choose_optimizer(settings, device),
        gradient_checkpointing=(
            device == "cuda"
            if settings.gradient_checkpointing is None
            else settings.gradient_checkpointing
        ),
        max_length=_choose_length(settings, shapes, examples),
    )


def _check_ranks(job: QloraJob, device: Device) -> None:
    import torch

    settings, ranks = job.settings, job.ranks
    if settings.zero == 3 and settings.quantize == "nf4":
        raise InfeasibleError(
            "zero = 3 cuts every weight into shards and puts them together again where they are "
            "needed; a 4-bit weight is packed bytes whose scales lie beside it and do not travel "
            'along. Set zero = 2, which shards what is trained, or quantize = "none"'
        )
    if device == "cuda" and ranks > torch.cuda.device_count():
        raise InfeasibleError(
            f"{{option}}: this machine has {torch.cuda.device_count()} GPUs; give as many "
            "ranks at most",
            option=Option("ranks", str(ranks)),
        )
    if device == "cpu" and uses_deepspeed(job) and not shutil.which("c++"):
        raise InfeasibleError(
            "DeepSpeed compiles a part of itself for the CPU, and there is no C++ compiler (c++). "
            "Install one (g++), or set zero = 0 for plain DDP"
        )


def _choose_dtype(job: QloraJob, device: Device) -> Dtype:
    settings, has_bfloat16 = job.settings, _computes_bfloat16(job, device)
    if settings.dtype == "auto":
        return "bfloat16" if has_bfloat16 else "float32"
    if settings.dtype == "bfloat16" and not has_bfloat16:
        raise InfeasibleError(
            f'dtype = "bfloat16": it is not computed in here, on {device}. Set dtype = "auto"'
        )
    if settings.dtype == "float16" and device == "cpu":
        raise InfeasibleError(
            'dtype = "float16": gradients underflow without a scaler, and the CPU has none. Set '
            'dtype = "auto"'
        )
    return settings.dtype


def _computes_bfloat16(job: QloraJob, device: Device) -> bool:
    import torch

    if device == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    can = torch.cpu.get_capabilities()
    # On a CPU, the trainer runs DeepSpeed in float32 alone.
    return not uses_deepspeed(job) and any(
        can.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16")
    )


def _choose_optimizer(settings: QloraSettings, device: Device) -> str:
    if settings.optimizer == "auto":
        return "adamw_8bit" if device == "cuda" else "adamw_torch"
    if "8bit" in settings.optimizer and device == "cpu":
        raise InfeasibleError(
            f'optimizer = "{settings.optimizer}" needs a GPU. Set optimizer = "auto"'
        )
    return settings.optimizer


def _choose_length(settings: QloraSettings, shapes: Shapes, examples: Sequence[Labelled]) -> int:
    lengths = [len(example.input_ids) for example in examples]
    longest = max(lengths)
    if shapes.positions is not None and longest > shapes.positions:
        raise InfeasibleError(
            f"the longest example has {longest:,} tokens, and the base reads {shapes.positions:,} "
            "at once. Leave out long sessions ('{data}'), or take another base",
            data=Command(("train", "data"), (Option("max"),)),
        )
    limit = longest if settings.max_length is None else settings.max_length
    if too_long := sum(length > limit for length in lengths):
        raise InfeasibleError(
            f"max_length = {limit}: {too_long} of {len(lengths)} examples are longer and would be "
            f"cut. Set max_length = {longest}, or leave it out"
        )
    if not settings.packing:
        return longest
    if shapes.positions is not None and limit > shapes.positions:
        raise InfeasibleError(
            f"max_length = {limit}: the base reads {shapes.positions:,} tokens at once. Set "
            f"max_length = {shapes.positions}, or leave it out"
        )
    return limit


def check_memory(job: QloraJob, plan: TrainingPlan, shapes: Shapes) -> None:
    """Check that a job's ranks fit into the memory that is free, before any has begun.

    Raises:
        InfeasibleError: with what takes how much, and what to change.
    """
    import psutil
    import torch

    settings = job.settings
    width = 4 if plan.dtype == "float32" else 2
    needed = estimate(
        shapes,
        Load(
            rank=settings.rank,
            bits=bits_of(settings.quantize, settings.double_quant, width),
            width=width,
            tokens=settings.batch_size * plan.max_length,
            longest=plan.max_length,
            recompute=plan.gradient_checkpointing,
            on_gpu=plan.device == "cuda",
            small_moments="8bit" in plan.optimizer,
        ),
    )
    if plan.device == "cuda":
        free = torch.cuda.mem_get_info()[0]
    else:
        free = psutil.virtual_memory().available // job.ranks
    if needed.total > free:
        raise InfeasibleError(
            f"this takes about {needed} on each {plan.device}, and {free / 1e9:.1f} GB are free. "
            + "; or ".join(_remedies(job.settings, plan))
        )


def _remedies(settings: QloraSettings, plan: TrainingPlan) -> list[str]:
    remedies = {
        "Set batch_size = 1 and a larger accumulate": settings.batch_size > 1,
        "set gradient_checkpointing = true": not plan.gradient_checkpointing,
        'set quantize = "nf4"': settings.quantize == "none",
        "write the data with shorter examples": True,
        "take a smaller base": True,
    }
    return [remedy for remedy, helps in remedies.items() if helps]
