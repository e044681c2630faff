"""`magnet experiment`: a file with everything from sessions to a report."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from magnet.cli.console import err, for_tables, out
from magnet.cli.count_bar import count_bar
from magnet.cli.generate import expected_table, play_run_visibly
from magnet.cli.options import Db, Model, settings_from, with_model_flags
from magnet.evals.evaluation import extra_installed
from magnet.evals.progress import show_counts
from magnet.experiments.estimating import estimate_experiment
from magnet.experiments.model import Experiment
from magnet.experiments.opening import Flags, open_experiment
from magnet.experiments.reading import load_experiment
from magnet.graph import load_methods
from magnet.models.settings import Settings


def experiment(
    file: Annotated[Path, typer.Argument(metavar="FILE.toml", help="What is to be done.")],
    model: Model = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and say what it would take.")
    ] = False,
    db: Db = None,
) -> None:
    """Generate, judge, compare and report by a file. The same command again goes on.

    Example: magnet experiment examples/experiments/small.toml --dry-run
    """
    show_counts(count_bar)
    settings = settings_from(db, model)
    plan = load_experiment(file, load_methods(settings.methods_file))

    def flags(under: Settings) -> Settings:
        named = under if db is None else under.model_copy(update={"db": db})
        return with_model_flags(named, model)

    with extra_installed():
        asyncio.run(_experiment(plan, settings, flags, dry_run))


async def _experiment(plan: Experiment, settings: Settings, flags: Flags, dry_run: bool) -> None:
    from magnet.experiments.running import probe_models, run_experiment

    async with open_experiment(plan, settings, flags=flags) as opened:
        if dry_run:
            await probe_models(opened)
            for_tables().print(expected_table("step", await estimate_experiment(opened)))
            return
        report = await run_experiment(opened, play_run_visibly, _tell)
    out.print(f"report: {escape(report)}", soft_wrap=True)


def _tell(text: str) -> None:
    err.print(escape(text), soft_wrap=True)
