"""`magnet train qlora`: a base model learns to speak as the counselor."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from magnet.cli.console import out as terminal
from magnet.models.download import find_base
from magnet.training.qlora.job import ADAPTER, QloraJob, Reporter
from magnet.training.qlora.run import train
from magnet.training.qlora.settings import DEFAULT, load_settings


def qlora(
    data: Annotated[Path, typer.Argument(help="Folder that 'magnet train data' wrote.")],
    base: Annotated[
        str,
        typer.Option(
            "--base",
            help="A causal model: its name on Hugging Face, its folder, a GGUF file, or "
            "embedded:NAME from the catalogue.",
        ),
    ],
    to: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the run; the adapter comes into it.")
    ],
    settings: Annotated[
        str,
        typer.Option("--settings", help="default, paper, or a TOML file with what differs."),
    ] = DEFAULT,
    ranks: Annotated[
        int, typer.Option("--ranks", min=1, help="Processes: a GPU each, or parts of the CPU.")
    ] = 1,
    report_to: Annotated[
        Reporter | None,
        typer.Option("--report-to", help="tensorboard or wandb, beside OUT/metrics.jsonl."),
    ] = None,
) -> None:
    """Fine-tune a counselor with QLoRA. The same command again goes on where it stopped.

    Example: magnet train qlora data/ --base meta-llama/Meta-Llama-3-8B-Instruct --out counselor/
    """
    job = QloraJob(
        data=data,
        base=find_base(base),
        out=to,
        settings=load_settings(settings),
        ranks=ranks,
        report_to=report_to,
    )
    summary = train(job)
    before, after = summary.before, summary.after
    ended = "stopped early, " if summary.stopped_early else ""
    terminal.print(
        f"{summary.steps} steps, {ended}best at {after.step}: held-out loss {before.loss:.4f} to "
        f"{after.loss:.4f}, token accuracy {before.accuracy:.1%} to {after.accuracy:.1%}"
    )
    terminal.print(f"adapter: {escape(str(to / ADAPTER))}", soft_wrap=True)
