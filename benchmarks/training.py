"""What a learned token costs: our layout of the training data beside the paper's.

    python -m benchmarks.training DATA --base MODEL --sessions 3 --utterances 3

DATA is a folder of `magnet train data` with one example a session. In one run, with the same model
and the same settings, it measures the time of whole training steps on

- ours: a session is one example, in which all that the counselor says is learned;
- the paper's: an example for each utterance, with all that came before it, padded to a fixed
  length; loss on every token, the padding too.

A learned token is one that the counselor says; both layouts learn the same ones. Time on prompts
and padding is what differs.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from magnet.models.download import find_base
from magnet.training.qlora.base import unpack_base
from magnet.training.qlora.conversations import TRAIN, Conversation, read_conversations
from magnet.training.qlora.job import QloraJob
from magnet.training.qlora.labels import Labelled, label
from magnet.training.qlora.prepare import prepare
from magnet.training.qlora.settings import load_settings
from magnet.training.qlora.trainer import make_config, make_trainer

PAPER_LENGTH = 8192


@dataclass(frozen=True, slots=True)
class Layout:
    """Examples, and how many of their tokens the counselor says."""

    examples: Sequence[Labelled]
    learned: int


def ours(conversations: Sequence[Conversation], tokenizer: Any) -> Layout:
    """Return one example a session."""
    examples = [label(one, tokenizer) for one in conversations]
    return Layout(examples, sum(example.learned for example in examples))


def paper(conversations: Sequence[Conversation], tokenizer: Any, count: int, pad: int) -> Layout:
    """Return so many utterances, evenly spread over the sessions, each padded to the length."""
    single = [replace(one, learned=(i,)) for one in conversations for i in one.learned]
    chosen = [label(one, tokenizer) for one in single[:: max(1, len(single) // count)][:count]]
    padded = [
        example.input_ids + [tokenizer.pad_token_id] * (pad - len(example.input_ids))
        for example in chosen
    ]
    return Layout([Labelled(ids, ids) for ids in padded], sum(one.learned for one in chosen))


def seconds(job: QloraJob, layout: Layout) -> float:
    """Return the time of a training step on each example, after one that is not counted."""
    prepared = prepare(job)
    longest = max(len(example.input_ids) for example in layout.examples)
    plan = replace(prepared.plan, max_length=longest)
    config: Any = make_config(job, plan, goes_on=False)
    config.train_sampling_strategy = "sequential"
    examples = [layout.examples[0], *layout.examples]
    trainer: Any = make_trainer(job, plan, config, prepared.tokenizer, examples, examples[:1], [])
    optimizer = trainer.create_optimizer()
    # What the trainer's own loop sets before its steps.
    trainer.current_gradient_accumulation_steps = 1
    trainer.model.train()
    started = 0.0
    for done, batch in enumerate(trainer.get_train_dataloader()):
        if done == 1:
            started = time.perf_counter()
        trainer.training_step(trainer.model, batch)
        optimizer.step()
        optimizer.zero_grad()
    return time.perf_counter() - started


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--base", required=True)
    parser.add_argument("--sessions", type=int, default=3)
    parser.add_argument("--utterances", type=int, default=3)
    parser.add_argument("--pad", type=int, default=PAPER_LENGTH)
    given = parser.parse_args()
    settings = load_settings().model_copy(
        update={"packing": False, "gradient_checkpointing": True, "max_length": None}
    )
    with TemporaryDirectory() as folder:
        job = QloraJob(
            data=given.data, base=find_base(given.base), out=Path(folder), settings=settings
        )
        unpack_base(job.base, job.out)
        tokenizer = prepare(job).tokenizer
        conversations = read_conversations(given.data / TRAIN)[: given.sessions]
        layouts = {
            "ours": ours(conversations, tokenizer),
            "paper": paper(conversations, tokenizer, given.utterances, given.pad),
        }
        took = {name: seconds(job, layout) for name, layout in layouts.items()}
    per_1000 = {name: 1000 * took[name] / layouts[name].learned for name in layouts}
    table = Table("", *layouts)
    rows: dict[str, list[float]] = {
        "examples": [len(one.examples) for one in layouts.values()],
        "tokens computed": [
            sum(len(example.input_ids) for example in one.examples) for one in layouts.values()
        ],
        "of them learned": [one.learned for one in layouts.values()],
        "seconds": list(took.values()),
        "seconds per 1,000 learned tokens": list(per_1000.values()),
    }
    for name, values in rows.items():
        table.add_row(name, *(f"{value:,.1f}" for value in values))
    table.add_row("times ours", "", f"{per_1000['paper'] / per_1000['ours']:.1f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
