"""A fine-tuning before the user's eyes: how far it is, and how well it does."""

from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


class ProgressBar(TrainerCallback):
    """Shows steps, loss and time left on a terminal; elsewhere a line at each evaluation."""

    def __init__(self) -> None:
        """Show it on standard error."""
        console = Console(stderr=True, highlight=False)
        self._bar = Progress(
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("steps · {task.description} · left"),
            TimeRemainingColumn(elapsed_when_finished=True),
            console=console,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None)

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Begin, where a checkpoint ends if there is one."""
        if state.is_world_process_zero:
            self._bar.update(self._task, total=state.max_steps, completed=state.global_step)
            self._bar.start()

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Show the step and its loss."""
        last = state.log_history[-1]
        if state.is_world_process_zero and "loss" in last:
            said = f"loss {last['loss']:.3f}"
            self._bar.update(self._task, completed=state.global_step, description=said)

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Say how the held-out examples did."""
        if state.is_world_process_zero:
            last = state.log_history[-1]
            self._bar.console.print(
                f"step {state.global_step} of {state.max_steps}: held-out loss "
                f"{last['eval_loss']:.4f}, token accuracy {last['eval_mean_token_accuracy']:.1%}"
            )

    def on_train_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Take the bar away."""
        self._bar.stop()
