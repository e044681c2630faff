"""`magnet train data`: training data from sessions."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal

import typer
from pydantic import ValidationError
from rich.markup import escape

from magnet.cli.console import out
from magnet.cli.options import Db, settings_from
from magnet.models.settings import Settings
from magnet.sessions.workspace import open_workspace
from magnet.store.formats import NOT_STATED
from magnet.training.data import Bound, DataManifest, DataSettings
from magnet.training.data.from_runs import make_training_data
from magnet.training.data.settings import Shape
from magnet.training.data.splits import SplitName

Limits = list[str] | None


def data(
    runs: Annotated[
        list[str],
        typer.Argument(metavar="RUN", help="Runs, or the starts of sessions' ids."),
    ],
    to: Annotated[Path, typer.Option("--out", "-o", help="The folder to write.")],
    examples: Annotated[
        Shape,
        typer.Option(
            "--examples",
            help="session: one a session, each counselor's turn trained. utterance: one a turn; "
            "the same targets in about ten times the tokens.",
        ),
    ] = "session",
    split: Annotated[
        SplitName,
        typer.Option(
            "--split",
            help="By client. shares: a tenth to validate, a tenth to test. paper: clients 1 to 90, "
            "then 10, then 50, by their numbers.",
        ),
    ] = "shares",
    seed: Annotated[int, typer.Option("--seed", min=0, help="Of the split by shares.")] = 0,
    at_most: Annotated[
        Limits,
        typer.Option(
            "--max",
            metavar="MEASURE=VALUE",
            help="Leave out sessions over it, such as client_near_duplicates=0.1; may be repeated.",
        ),
    ] = None,
    at_least: Annotated[
        Limits,
        typer.Option("--min", metavar="MEASURE=VALUE", help="Leave out sessions under it."),
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(
            "--judge",
            metavar="MODEL_ID",
            help="Judge whose scores --min ctrs.total=3 uses. Default: the role judge's model.",
        ),
    ] = None,
    keep_duplicates: Annotated[
        bool,
        typer.Option("--keep-duplicates", help="Train on near-duplicate utterances too."),
    ] = False,
    tokenizer: Annotated[
        str | None,
        typer.Option("--tokenizer", help="Model whose tokens the card counts: name or path."),
    ] = None,
    licence: Annotated[
        str, typer.Option("--licence", help="Such as cc-by-4.0; imported sessions need it.")
    ] = NOT_STATED,
    db: Db = None,
) -> None:
    """Make training data of the finished sessions of runs.

    Example: magnet train data my-run --out my-data --max client_near_duplicates=0.1
    """
    wanted = DataSettings(
        shape=examples,
        split=split,
        seed=seed,
        filters=_bounds(at_most, "--max", "at_most") + _bounds(at_least, "--min", "at_least"),
        judge=judge,
        keep_duplicates=keep_duplicates,
        licence=licence,
    )
    manifest = asyncio.run(_make(settings_from(db, None), runs, to, wanted, tokenizer))
    for name, count in manifest.counts.items():
        out.print(
            f"{name}: {count.sessions} sessions of {count.clients} clients, {count.examples} "
            f"examples, {count.trained} utterances to train on"
        )
    for what, reasons in (
        ("sessions left out", manifest.left_out),
        ("counselor's utterances not trained", manifest.untrained),
    ):
        for reason, count in reasons.items():
            out.print(f"{what}: {count}, {reason}")
    out.print(f"written to {escape(str(to))}; what it is: README.md")


def _bounds(given: Limits, flag: str, end: Literal["at_most", "at_least"]) -> tuple[Bound, ...]:
    bounds: list[Bound] = []
    for text in given or ():
        name, _, value = text.partition("=")
        try:
            bounds.append(Bound.model_validate({"measure": name, end: value}))
        except ValidationError:
            expected = "a measure and a number, such as client_near_duplicates=0.1"
            raise typer.BadParameter(f"{text}: expected {expected}", param_hint=flag) from None
    return tuple(bounds)


async def _make(
    settings: Settings, runs: list[str], to: Path, wanted: DataSettings, tokenizer: str | None
) -> DataManifest:
    async with open_workspace(settings) as workspace:
        return await make_training_data(workspace, runs, to, wanted, tokenizer=tokenizer)
