"""`magnet report`: what is known about runs, as a page and as LaTeX."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from magnet.cli.compare import Procedure, Tokenizer
from magnet.cli.console import out
from magnet.cli.options import Db, Seed, settings_from
from magnet.evals.evaluation import extra_installed
from magnet.evals.metrics.diversity import DiversityOptions
from magnet.evals.metrics.metric import Options
from magnet.models.settings import Settings
from magnet.sessions.workspace import open_workspace


def report(
    arms: Annotated[
        list[str],
        typer.Argument(
            metavar="ARM...",
            help="Runs, or RUN:METHOD; a run of several methods stands for all of them. The others "
            "are tested against the first.",
        ),
    ],
    to: Annotated[Path, typer.Option("--out", "-o", help="The folder to write.")],
    title: Annotated[
        str, typer.Option("--title", help="Of the page.")
    ] = "Evaluation of counseling sessions",
    procedure: Procedure = "plain",
    tokenizer: Tokenizer = None,
    seed: Seed = 0,
    db: Db = None,
) -> None:
    """Write a report: one HTML page that needs no network, and tables in LaTeX.

    Example: magnet report pilot --out report/
    """
    options = Options(given=[DiversityOptions(procedure=procedure, tokenizer=tokenizer)])
    with extra_installed():
        page = asyncio.run(_write(settings_from(db, None), arms, to, title, options, seed))
    out.print(escape(str(page)), soft_wrap=True)


async def _write(
    settings: Settings,
    arms: list[str],
    to: Path,
    title: str,
    options: Options,
    seed: int,
) -> Path:
    from magnet.evals.report.report import write_report

    async with open_workspace(settings) as workspace:
        return await write_report(workspace, arms, to, title=title, options=options, seed=seed)
