"""`magnet rate`: people compare and rate sessions, blind."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from magnet.cli.console import out
from magnet.cli.options import Db, Seed, settings_from
from magnet.evals.preference.aspects import Aspect, load_aspects, pick_aspects
from magnet.evals.rating_kit.answers import Completeness
from magnet.evals.rating_kit.rating import WrittenKit, export_kit, import_answers
from magnet.evals.scales.files import questionnaires_of
from magnet.evals.scales.model import Questionnaire
from magnet.models.settings import Settings
from magnet.sessions.workspace import open_workspace

Side = Annotated[str, typer.Argument(help="A run, or RUN:METHOD of a run with several methods.")]


def export(
    run_a: Side,
    run_b: Side,
    to: Annotated[Path, typer.Option("--out", "-o", help="The folder to write.")],
    pairs: Annotated[int, typer.Option("--pairs", min=1, help="Pairs to ask about.")] = 10,
    aspects: Annotated[
        str, typer.Option("--aspects", help="To compare on: all, none, or safety,support,...")
    ] = "all",
    scales: Annotated[
        str, typer.Option("--scales", help="To rate each session on: ctrs, wai, both, or none.")
    ] = "ctrs,wai",
    full: Annotated[bool, typer.Option("--full", help="All eleven items of CTRS.")] = False,
    seed: Seed = 0,
    db: Db = None,
) -> None:
    """Write a rating kit: one HTML page for the raters, and its key for you alone.

    Example: magnet rate export pilot:magnet pilot:cactus --pairs 12 --out kit/
    """
    kit = asyncio.run(
        _export(
            settings_from(db, None),
            (run_a, run_b),
            to,
            pairs=pairs,
            aspects=_aspects(aspects),
            sheets=questionnaires_of(_names(scales), full=full),
            seed=seed,
        )
    )
    alone = f"; {kit.alone} sessions have no counterpart" if kit.alone else ""
    out.print(f"{kit.pairs} pairs{alone}")
    out.print(f"for the raters: {escape(str(kit.page))}", soft_wrap=True)
    out.print(f"for you alone, to read their answers: {escape(str(kit.key))}", soft_wrap=True)


def import_(
    answers: Annotated[
        list[Path], typer.Argument(metavar="ANSWERS...", help="Files that raters sent back.")
    ],
    key: Annotated[Path, typer.Option("--key", help="The key of their kit.")],
    db: Db = None,
) -> None:
    """Store raters' answers: preferences, and scores of items. The same file again changes nothing.

    Example: magnet rate import answers-*.json --key kit/rating-kit-1a2b3c4d5e6f.key.json
    """
    for rater in asyncio.run(_import(settings_from(db, None), answers, key)):
        left = rater.asked - rater.answered
        text = f"{rater.rater}: {rater.answered} answers" + (f", {left} open" if left else "")
        out.print(escape(text), soft_wrap=True)


def _aspects(text: str) -> Sequence[Aspect]:
    known = load_aspects()
    return known if text == "all" else pick_aspects(known, _names(text))


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip() not in ("", "none")]


async def _export(
    settings: Settings,
    arms: tuple[str, str],
    to: Path,
    *,
    pairs: int,
    aspects: Sequence[Aspect],
    sheets: Sequence[Questionnaire],
    seed: int,
) -> WrittenKit:
    async with open_workspace(settings) as workspace:
        return await export_kit(
            workspace, *arms, to, pairs=pairs, aspects=aspects, sheets=sheets, seed=seed
        )


async def _import(settings: Settings, answers: Sequence[Path], key: Path) -> list[Completeness]:
    async with open_workspace(settings) as workspace:
        return await import_answers(workspace, answers, key)
