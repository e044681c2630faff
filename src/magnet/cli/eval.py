"""`magnet eval`: runs measured, side by side."""

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from magnet.cli.console import err
from magnet.cli.count_bar import count_bar
from magnet.cli.grids import print_tables
from magnet.cli.options import AsJson, Db, settings_from
from magnet.evals.diversity.procedures import ProcedureName
from magnet.evals.evaluation import evaluate, write_results
from magnet.evals.metrics.diversity import DiversityOptions
from magnet.evals.metrics.judged import JudgingOptions
from magnet.evals.metrics.metric import EvaluationError, Options, Result
from magnet.evals.metrics.registry import metrics as registered
from magnet.evals.metrics.registry import names_for_help
from magnet.evals.progress import show_counts
from magnet.evals.scales.files import SCALES
from magnet.models.settings import Settings
from magnet.sessions.workspace import open_workspace


def eval_(
    runs: Annotated[
        list[str], typer.Argument(metavar="RUN...", help="Runs, or the starts of sessions' ids.")
    ],
    metrics: Annotated[
        str, typer.Option("--metrics", help=f"Some of {names_for_help()}, with commas.")
    ] = "quality",
    to: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="A folder for a JSON file and the plots of each metric."),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option(
            "--reference",
            metavar="RUN",
            help="Of quality: a run to compare with: a column of the table, a band of the plots.",
        ),
    ] = None,
    procedure: Annotated[
        ProcedureName,
        typer.Option(
            "--procedure", help="Of diversity: plain, or that of the paper, which glues words."
        ),
    ] = "plain",
    tokenizer: Annotated[
        str | None,
        typer.Option(
            "--tokenizer",
            metavar="TOKENIZER",
            help="Of diversity: words, llama3, tiktoken:ENCODING or hf:NAME_OR_PATH. Default: "
            "words for plain, llama3 for paper.",
        ),
    ] = None,
    tokens: Annotated[
        int | None,
        typer.Option(
            "--tokens",
            min=1,
            help="At how many tokens the diversity of runs is compared. Default: half of the "
            "smallest run's.",
        ),
    ] = None,
    judges: Annotated[
        list[str] | None,
        typer.Option(
            "--judge",
            metavar="MODEL_ID",
            help=f"Of {', '.join(SCALES)}: a model that judges; may be repeated. Default: the "
            "model of the role judge.",
        ),
    ] = None,
    samples: Annotated[
        int, typer.Option("--samples", min=1, help="Of judges: how often each question is asked.")
    ] = 3,
    full: Annotated[bool, typer.Option("--full", help="Of ctrs: all eleven items.")] = False,
    batch: Annotated[
        bool, typer.Option("--batch", help="Of judges: by the provider's batches, at half price.")
    ] = False,
    settings_of_metrics: Annotated[
        list[str] | None,
        typer.Option(
            "--option",
            metavar="METRIC.NAME=VALUE",
            help="Of a metric that another distribution brings; may be repeated.",
        ),
    ] = None,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Evaluate runs; each method of a run is a column.

    Example: magnet eval pilot --metrics quality --reference published --out evaluation/
    """
    names = [name.strip() for name in metrics.split(",") if name.strip()]
    show_counts(count_bar)
    options = Options(
        given=[
            DiversityOptions(procedure=procedure, tokenizer=tokenizer, tokens=tokens),
            JudgingOptions(judges=judges or (), samples=samples, full=full, batch=batch),
        ]
    )
    for setting in settings_of_metrics or ():
        options = _put(options, setting)
    settings = settings_from(db, None)
    results = asyncio.run(_evaluate(settings, runs, names, reference, options))
    if as_json:
        print(json.dumps({name: result.data for name, result in results.items()}, indent=1))
    else:
        print_tables(table for result in results.values() for table in result.tables)
    if to is not None:
        files = write_results(results, to)
        err.print(f"{len(files)} files in {escape(str(to))}")


def _put(options: Options, setting: str) -> Options:
    place, equals, value = setting.partition("=")
    name, dot, option = place.partition(".")
    if not (equals and dot and name in registered()):
        raise EvaluationError(
            f"--option {setting}: expected METRIC.NAME=VALUE, with METRIC one of "
            f"{', '.join(registered())}"
        )
    return options.put(registered()[name], {option: value})


async def _evaluate(
    settings: Settings,
    runs: list[str],
    metrics: list[str],
    reference: str | None,
    options: Options,
) -> dict[str, Result]:
    async with open_workspace(settings) as workspace:
        return await evaluate(workspace, runs, metrics, reference=reference, options=options)
