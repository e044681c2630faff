"""What is written down while the model learns: its metrics, and how it answers."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

_ANSWER_TOKENS = 120
# TRL counts these anew when it goes on from a checkpoint.
_LEFT_OUT = {"num_tokens", "eval_num_tokens"}


class MetricsFile(TrainerCallback):
    """Writes each record of the training as a line of JSON: what was measured at which step.

    A training that goes on from a checkpoint begins the file again with the checkpoint's records,
    so that each step stands in it once.
    """

    def __init__(self, path: Path) -> None:
        """Write to this file."""
        self._path = path

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Begin the file."""
        if state.is_world_process_zero:
            _write_lines(self._path, map(_kept, state.log_history))

    def on_log(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Add what was just measured."""
        if state.is_world_process_zero:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(_line(_kept(state.log_history[-1])))


@dataclass(frozen=True, slots=True)
class Prompt:
    """A held-out moment: what the model sees, and what the counselor said then."""

    text: str
    said: str


class Samples(TrainerCallback):
    """At each evaluation, lets the model answer held-out prompts, and writes the answers.

    The likeliest token is taken each time: the answers of two evaluations differ by what was
    learned between them, and no random number is used up that the training would have had.
    """

    def __init__(self, path: Path, prompts: Sequence[Prompt], tokenizer: Any) -> None:
        """Answer these prompts; write to this file."""
        self._path = path
        self._prompts = prompts
        self._tokenizer = tokenizer

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Begin the file; after a checkpoint, keep what was answered up to it."""
        if not state.is_world_process_zero:
            return
        kept: list[Mapping[str, Any]] = []
        if state.global_step and self._path.exists():
            lines = self._path.read_text(encoding="utf-8").split("\n")
            before = [json.loads(line) for line in lines if line.endswith("}")]
            kept = [one for one in before if one["step"] <= state.global_step]
        _write_lines(self._path, kept)

    def on_evaluate(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any
    ) -> None:
        """Answer."""
        if not state.is_world_process_zero:
            return
        model: Any = kwargs["model"]
        training = model.training
        model.eval()
        with self._path.open("a", encoding="utf-8") as file:
            for prompt in self._prompts:
                answer = self._answer(model, prompt)
                file.write(
                    _line({"step": state.global_step, "said": prompt.said, "answer": answer})
                )
        model.train(training)

    def _answer(self, model: Any, prompt: Prompt) -> str:
        encoded = self._tokenizer(prompt.text, add_special_tokens=False, return_tensors="pt")
        ids = encoded["input_ids"].to(model.device)
        with torch.no_grad():
            tokens = model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                do_sample=False,
                max_new_tokens=_ANSWER_TOKENS,
                pad_token_id=self._tokenizer.pad_token_id,
            )
        return self._tokenizer.decode(tokens[0, ids.shape[1] :], skip_special_tokens=True).strip()


def _kept(record: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in sorted(record.items()) if name not in _LEFT_OUT}


def _line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"


def _write_lines(path: Path, records: Iterable[Mapping[str, Any]]) -> None:
    path.write_text("".join(map(_line, records)), encoding="utf-8")
