"""One rank's training, from the newest checkpoint to the adapter and what is said of it."""

import resource
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import datasets
import torch
import transformers

from magnet.training.qlora.callbacks import Prompt
from magnet.training.qlora.checkpoints import newest_checkpoint
from magnet.training.qlora.conversations import Conversation
from magnet.training.qlora.job import (
    ADAPTER,
    CHECKPOINTS,
    Evaluation,
    QloraJob,
    Summary,
    write_summary,
)
from magnet.training.qlora.labels import prompt_before
from magnet.training.qlora.plan import PACKAGES
from magnet.training.qlora.prepare import Prepared
from magnet.training.qlora.trainer import make_config, make_trainer

_KIB = 1024  # what ru_maxrss counts on Linux


def train_rank(job: QloraJob, prepared: Prepared) -> None:
    """Train to the end, from the newest checkpoint if there is one; keep the best adapter."""
    transformers.utils.logging.disable_progress_bar()
    datasets.disable_progress_bars()
    plan = prepared.plan
    checkpoint = newest_checkpoint(job.out / CHECKPOINTS)
    trainer = make_trainer(
        job,
        plan,
        make_config(job, plan, goes_on=checkpoint is not None),
        prepared.tokenizer,
        prepared.train,
        prepared.held_out,
        _prompts(prepared.conversations[: job.settings.samples], prepared.tokenizer),
    )
    trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    trainer.save_model(str(job.out / ADAPTER))
    if trainer.is_world_process_zero():
        # peft's card is a form not filled in, and names folders of this machine.
        (job.out / ADAPTER / "README.md").unlink(missing_ok=True)
        write_summary(job.out, _summary(job, prepared, trainer))


def _prompts(conversations: Sequence[Conversation], tokenizer: Any) -> list[Prompt]:
    # The middle of what is learned: late enough that there is a conversation to answer in.
    middles = [(one, one.learned[len(one.learned) // 2]) for one in conversations]
    return [
        Prompt(prompt_before(one, index, tokenizer), one.messages[index]["content"])
        for one, index in middles
    ]


def _summary(job: QloraJob, prepared: Prepared, trainer: Any) -> Summary:
    state = trainer.state
    evaluations = [
        Evaluation(
            step=record["step"],
            loss=record["eval_loss"],
            accuracy=record["eval_mean_token_accuracy"],
        )
        for record in state.log_history
        if "eval_loss" in record
    ]
    plan = prepared.plan
    if plan.device == "cuda":
        peak = torch.cuda.max_memory_allocated()
    else:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB
    return Summary(
        base=job.base,
        data=str(job.data),
        steps=state.global_step,
        stopped_early=state.global_step < state.max_steps,
        before=evaluations[0],
        after=next(one for one in evaluations if one.step == state.best_global_step),
        device=plan.device,
        dtype=plan.dtype,
        examples=len(prepared.train),
        held_out=len(prepared.held_out),
        learned_tokens=sum(one.learned for one in prepared.train),
        tokens=sum(len(one.input_ids) for one in prepared.train),
        trainable_parameters=sum(p.numel() for p in trainer.model.parameters() if p.requires_grad),
        peak_memory=peak,
        versions={name: version(name) for name in PACKAGES},
    )
