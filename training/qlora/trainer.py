"""TRL's trainer, set up for a job."""

import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import EarlyStoppingCallback, PrinterCallback
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from magnet.training.qlora.bar import ProgressBar
from magnet.training.qlora.base import load_model, loadable_base
from magnet.training.qlora.callbacks import MetricsFile, Prompt, Samples
from magnet.training.qlora.job import CHECKPOINTS, METRICS, SAMPLES, QloraJob
from magnet.training.qlora.labels import Labelled
from magnet.training.qlora.plan import TrainingPlan, uses_deepspeed
from magnet.training.qlora.zero import zero_config


def make_config(job: QloraJob, plan: TrainingPlan, *, goes_on: bool) -> SFTConfig:
    """Return TRL's configuration of a job. It begins the process group, so it comes before the
    model.

    Args:
        job: what is asked for.
        plan: what it comes to here.
        goes_on: whether a checkpoint is gone on from; then its held-out loss is known.
    """
    settings = job.settings
    with_deepspeed = uses_deepspeed(job)
    joined = with_deepspeed and plan.device == "cpu"
    if joined:
        _join_over_gloo()
    share = 1 / settings.evaluations
    return SFTConfig(
        output_dir=str(job.out / CHECKPOINTS),
        seed=settings.seed,
        # Told to use the CPU, it would leave out DeepSpeed without a word.
        use_cpu=plan.device == "cpu" and not with_deepspeed,
        dataloader_pin_memory=plan.device == "cuda",
        accelerator_config={"use_configured_state": joined},
        bf16=plan.dtype == "bfloat16",
        fp16=plan.dtype == "float16",
        activation_checkpointing=plan.gradient_checkpointing,
        activation_checkpointing_kwargs={"use_reentrant": False},
        num_train_epochs=settings.epochs,
        max_steps=settings.max_steps or -1,
        per_device_train_batch_size=settings.batch_size,
        per_device_eval_batch_size=settings.batch_size,
        gradient_accumulation_steps=settings.accumulate,
        learning_rate=settings.learning_rate,
        lr_scheduler_type=settings.schedule,
        # Less than one is a share of the steps.
        warmup_steps=settings.warmup,
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_grad_norm,
        optim=plan.optimizer,
        packing=settings.packing,
        packing_strategy="bfd",
        eval_packing=False,
        max_length=plan.max_length,
        train_sampling_strategy="random" if settings.packing else "group_by_length",
        logging_steps=1,
        eval_strategy="steps",
        eval_steps=share,
        eval_on_start=not goes_on,
        save_strategy="steps",
        save_steps=share,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
        greater_is_better=False,
        restore_callback_states_from_checkpoint=True,
        report_to=job.report_to or "none",
        disable_tqdm=True,
        log_level="error",
        log_level_replica="error",
        deepspeed=zero_config(settings.zero) if with_deepspeed else None,
        ddp_backend="gloo" if plan.device == "cpu" and job.ranks > 1 else None,
        ddp_find_unused_parameters=False,
    )


def make_trainer(
    job: QloraJob,
    plan: TrainingPlan,
    config: SFTConfig,
    tokenizer: Any,
    train: Sequence[Labelled],
    held_out: Sequence[Labelled],
    prompts: Sequence[Prompt],
) -> SFTTrainer:
    """Load the base, put the adapter on it, and give the trainer.

    Args:
        job: what is asked for.
        plan: what it comes to here.
        config: what `make_config` gave.
        tokenizer: of the base.
        train: examples to learn from, tokenized.
        held_out: examples to evaluate on, tokenized.
        prompts: held-out moments at which the model answers, at each evaluation.
    """
    settings = job.settings
    torch.manual_seed(settings.seed)
    device = f"cuda:{config.local_process_index}" if plan.device == "cuda" else "cpu"
    path = loadable_base(job.base, job.out)
    model: Any = load_model(path, settings, getattr(torch, plan.dtype), device)
    targets = settings.targets
    adapter = LoraConfig(
        r=settings.rank,
        lora_alpha=settings.alpha,
        lora_dropout=settings.dropout,
        target_modules=targets if isinstance(targets, str) else list(targets),
        task_type="CAUSAL_LM",
    )
    model = get_peft_model(model, adapter)
    # Where a merge finds the base: not what was unpacked of it, and from any folder.
    base = Path(job.base)
    model.peft_config["default"].base_model_name_or_path = (
        str(base.resolve()) if base.exists() else job.base
    )
    callbacks: list[Any] = [
        MetricsFile(job.out / METRICS),
        Samples(job.out / SAMPLES, prompts, tokenizer),
        ProgressBar(),
    ]
    if settings.patience:
        callbacks.append(EarlyStoppingCallback(settings.patience))
    trainer = SFTTrainer(
        model=model,
        args=config,
        processing_class=tokenizer,
        train_dataset=_dataset(train),
        eval_dataset=_dataset(held_out),
        callbacks=callbacks,
    )
    trainer.remove_callback(PrinterCallback)
    # TRL makes the adapter of a quantized base bfloat16, in which steps as small as these round
    # away: at a weight of 0.05 the next number is 0.0002 apart.
    parameters: list[Any] = list(model.parameters())
    for parameter in parameters:
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return trainer


def _join_over_gloo() -> None:
    # On a CPU the trainer names no backend for DeepSpeed's ranks, and each would train alone.
    os.environ["ACCELERATE_USE_DEEPSPEED"] = "true"
    PartialState(backend="gloo")


def _dataset(examples: Sequence[Labelled]) -> Dataset:
    return Dataset.from_list([asdict(example) for example in examples])
