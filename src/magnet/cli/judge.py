"""`magnet judge`: whether a judge model can be trusted with a scale."""

import asyncio
import dataclasses
import json
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from magnet.cli.console import err, out
from magnet.cli.count_bar import count_bar
from magnet.cli.options import AsJson, Db, settings_from
from magnet.evals.evaluation import extra_installed
from magnet.evals.judging.jobs import judge_config_of
from magnet.evals.progress import show_counts
from magnet.evals.scales.files import scales as all_scales
from magnet.models.settings import Settings
from magnet.sessions.workspace import open_workspace
from magnet.state.errors import FAILED

if TYPE_CHECKING:
    from magnet.evals.calibration.judge_check import ItemCheck, JudgeCheck


def check(
    model_id: Annotated[str, typer.Argument(metavar="MODEL_ID", help="The judge, as in --judge.")],
    scales: Annotated[
        str, typer.Option("--scales", help="Some of ctrs, wai, panas, safety, with commas.")
    ] = "ctrs,wai,panas,safety",
    samples: Annotated[int, typer.Option("--samples", min=1, help="Of each answer.")] = 1,
    full: Annotated[bool, typer.Option("--full", help="All eleven items of CTRS.")] = False,
    batch: Annotated[bool, typer.Option("--batch", help="By the provider's batches.")] = False,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Have a judge score twelve dialogues whose order is known. Exit 1 if it does not rank them.

    Example: magnet judge check openai:gpt-4o-mini --scales ctrs
    """
    show_counts(count_bar)
    names = [name.strip() for name in scales.split(",") if name.strip()]
    with extra_installed():
        found = asyncio.run(_check(settings_from(db, None), model_id, names, samples, full, batch))
    if as_json:
        print(json.dumps(_plain(found), indent=2))
    else:
        _show(found)
    if not found.passed:
        raise typer.Exit(FAILED)


def import_(
    folder: Annotated[Path, typer.Argument(exists=True, file_okay=False, help="Inspect's logs.")],
    db: Db = None,
) -> None:
    """Store the scores that 'inspect eval-retry' has left in its logs.

    Example: magnet judge import sessions-judging/
    """
    with extra_installed():
        count = asyncio.run(_import(settings_from(db, None), folder))
    out.print(f"{count} scores read; those that were stored already stay as they are")


async def _import(settings: Settings, folder: Path) -> int:
    from magnet.evals.judging.running import import_logs

    async with open_workspace(settings) as workspace:
        return await import_logs(workspace, folder)


async def _check(
    settings: Settings, model_id: str, scales: list[str], samples: int, full: bool, batch: bool
) -> "JudgeCheck":
    from magnet.evals.calibration.judge_check import (
        calibration_questionnaires,
        check_jobs,
        read_check,
    )
    from magnet.evals.judging.running import Judging, fill_in

    sheets = calibration_questionnaires(scales, full=full)
    how = Judging(judges=[model_id], samples=samples, batch=batch)
    async with open_workspace(settings) as workspace:
        asked = await fill_in(workspace, check_jobs(sheets, judge_config_of(settings)), how)
        for error in asked.errors:
            err.print(f"not answered: {escape(error)}")
        err.print(f"What the judge said: inspect view --log-dir {escape(str(asked.logs))}")
        found = await read_check(workspace, model_id)
    wanted = {sheet.name for sheet in sheets}
    return dataclasses.replace(found, sheets=[s for s in found.sheets if s.sheet in wanted])


def _show(found: "JudgeCheck") -> None:
    table = Table(box=None, pad_edge=False, title=f"judge {escape(found.judge)}")
    for heading in ("sheet", "item", "rho", "", "missing"):
        table.add_column(heading, justify="right" if heading in ("rho", "missing") else "left")
    for sheet in found.sheets:
        for item in sheet.items:
            missing = str(item.missing) if item.missing else ""
            table.add_row(sheet.sheet, item.measure, *_ranking(item), missing)
    out.print(table)
    for sheet in found.sheets:
        ranked = sum(item.passed for item in sheet.items)
        said = [f"ranks {ranked} of {len(sheet.items)}"]
        if sheet.use:
            said.append(f"lowest point {sheet.use.floor:.0%}, highest {sheet.use.ceiling:.0%}")
        if sheet.alike == sheet.alike:
            said.append(f"items alike {sheet.alike:.2f}, intended {sheet.alike_intended:.2f}")
        if sheet.missing:
            said.append(f"{sheet.missing} of {sheet.answers} answers missing")
        out.print(f"{sheet.sheet}: {'; '.join(said)}")
    for probe, points in (
        ("a counselor who says more and nothing more", found.length),
        ("points listed from the highest", found.order),
    ):
        if points is not None:
            out.print(f"{probe}: {points:+.2f} points")


def _ranking(item: "ItemCheck") -> tuple[str, str]:
    if item.passed:
        return f"{item.rho:.2f}", "ranks"
    if not isnan(item.rho):
        return f"{item.rho:.2f}", "[red]does not rank[/]"
    return "", "[red]does not rank[/]" if item.missing else "[red]says the same of all[/]"


def _plain(found: "JudgeCheck") -> dict[str, object]:
    return {
        "judge": found.judge,
        "passed": found.passed,
        "scales": {scale: found.plain(scale) for scale in all_scales() if found.of(scale)},
        "length": found.length,
        "order": found.order,
    }
