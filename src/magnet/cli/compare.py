"""`magnet compare`: arms against a reference, and how many clients that takes."""

import asyncio
import json
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from magnet.cli.console import err, out
from magnet.cli.grids import print_tables
from magnet.cli.options import AsJson, Db, Seed, settings_from
from magnet.evals.diversity.procedures import ProcedureName
from magnet.evals.evaluation import extra_installed
from magnet.evals.metrics.diversity import DiversityOptions
from magnet.evals.metrics.metric import Options
from magnet.evals.metrics.registry import names_for_help
from magnet.models.settings import Settings
from magnet.sessions.workspace import open_workspace

if TYPE_CHECKING:
    from magnet.evals.comparison.planning import PlannedMeasure
    from magnet.evals.comparison.results import Comparison

SidesToCompare = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ARM...",
        help="Runs, or RUN:METHOD; a run of several methods stands for all of them. The others are "
        "tested against the first.",
    ),
]
Procedure = Annotated[ProcedureName, typer.Option("--procedure", help="Of diversity.")]
Tokenizer = Annotated[
    str | None,
    typer.Option("--tokenizer", metavar="TOKENIZER", help="Of diversity, as in magnet eval."),
]


def compare(
    arms: SidesToCompare = None,
    metrics: Annotated[
        str | None,
        typer.Option(
            "--metrics",
            help=f"Some of {names_for_help(comparing=True)}, with commas. Default: all.",
        ),
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--out", "-o", help="A folder for comparison.json.")
    ] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Compare nothing; say how many clients it would take.")
    ] = False,
    effects: Annotated[
        list[float] | None,
        typer.Option(
            "--effect",
            help="Of --plan: to be found, in standard deviations of the clients' mean differences; "
            "may be repeated.",
        ),
    ] = None,
    differences: Annotated[
        list[float] | None,
        typer.Option(
            "--difference",
            help="Of --plan: to be found, in points, by the spread between the two arms of a "
            "pilot; may be repeated.",
        ),
    ] = None,
    procedure: Procedure = "plain",
    tokenizer: Tokenizer = None,
    seed: Seed = 0,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Compare arms on what is stored about them, paired by client and attitude.

    Example: magnet compare pilot:magnet pilot:cactus --metrics ctrs,wai,preference
    """
    names = [name.strip() for name in metrics.split(",") if name.strip()] if metrics else None
    settings = settings_from(db, None)
    with extra_installed():
        if plan:
            _plan(settings, arms or [], names, effects or [], differences or [], as_json)
            return
        if not arms:
            raise typer.BadParameter("name two arms or more to compare", param_hint="ARM")
        options = Options(given=[DiversityOptions(procedure=procedure, tokenizer=tokenizer)])
        found = asyncio.run(_compare(settings, arms, names, options, seed))
        if len(found.arms) < 2:
            raise typer.BadParameter(
                f"{found.reference} is one arm; name another to compare it with",
                param_hint="ARM",
            )
        _show(found, to, as_json)


async def _compare(
    settings: Settings,
    arms: list[str],
    metrics: list[str] | None,
    options: Options,
    seed: int,
) -> "Comparison":
    from magnet.evals.comparison import compare as comparison

    async with open_workspace(settings) as workspace:
        return await comparison.compare(
            workspace, arms, metrics=metrics, options=options, seed=seed
        )


def _show(found: "Comparison", to: Path | None, as_json: bool) -> None:
    from magnet.evals.comparison.compare import write_comparison
    from magnet.evals.comparison.grids import all_grids

    if as_json:
        print(found.model_dump_json(indent=1))
    else:
        print_tables(all_grids(found))
        for line in found.missing:
            out.print(f"missing: {escape(line)}", soft_wrap=True)
    if to is not None:
        err.print(f"written: {escape(str(write_comparison(found, to)))}", soft_wrap=True)


def _plan(
    settings: Settings,
    arms: list[str],
    metrics: list[str] | None,
    effects: list[float],
    differences: list[float],
    as_json: bool,
) -> None:
    from magnet.evals.comparison.planning import EFFECTS, effects_grid, measures_grid, plan_effects

    if not all(value and isfinite(value) for value in (*effects, *differences)):
        raise typer.BadParameter("expected differences that are finite numbers and not 0")
    if bool(arms) != bool(differences):
        raise typer.BadParameter(
            "--difference takes the two arms of a pilot, and they take it; without a pilot, name "
            "an --effect"
        )
    if arms:
        measures = asyncio.run(_plan_measures(settings, arms, differences, metrics))
        if as_json:
            print(json.dumps([one.model_dump(mode="json") for one in measures], indent=1))
        else:
            print_tables([measures_grid(measures, differences)])
    else:
        planned = plan_effects(effects or EFFECTS)
        if as_json:
            print(json.dumps(planned, indent=1))
        else:
            print_tables([effects_grid(planned)])


async def _plan_measures(
    settings: Settings, arms: list[str], differences: list[float], metrics: list[str] | None
) -> "list[PlannedMeasure]":
    from magnet.evals.comparison import compare as comparison

    async with open_workspace(settings) as workspace:
        return await comparison.plan(workspace, arms, differences, metrics=metrics)
