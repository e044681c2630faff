"""`magnet generate`: a run of many sessions."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from magnet.cli.console import err, for_tables, out, show_error
from magnet.cli.draining import draining
from magnet.cli.options import Db, Layout, Model, Seed, settings_from
from magnet.cli.playing import say_left, say_line
from magnet.cli.progress import showing
from magnet.models.endpoints import Endpoints
from magnet.models.settings import Settings
from magnet.sessions.batch import Tally, open_run, plan_sessions, play_run
from magnet.sessions.estimate import Estimate, cost_of, estimate
from magnet.sessions.workspace import Workspace, open_workspace
from magnet.state import Attitude, Client
from magnet.state.errors import FAILED
from magnet.state.intake_choice import select_clients
from magnet.state.intake_files import read_clients


def generate(
    intake: Annotated[
        list[Path], typer.Argument(help="Files or folders with seeds or forms.", metavar="FILE...")
    ],
    run: Annotated[str, typer.Option("--run", help="Name of the run, to go on with it later.")],
    methods: Annotated[str, typer.Option("--methods", help="magnet,cactus,...")] = "magnet",
    attitudes: Annotated[
        str | None,
        typer.Option("--attitudes", help="all, or positive,neutral,negative. Default: the files'."),
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Clients at most.")] = None,
    concurrency: Annotated[
        int | None, typer.Option("--concurrency", min=1, help="Sessions at once.")
    ] = None,
    turns: Annotated[
        int | None, typer.Option("--turns", help="Turn limit, an even number.")
    ] = None,
    seed: Seed = 0,
    model: Model = None,
    layout: Layout = None,
    checks: Annotated[bool | None, typer.Option("--checks/--no-checks")] = None,
    keep_checkpoints: Annotated[
        str | None, typer.Option("--keep-checkpoints", help="all, exchanges (default) or last.")
    ] = None,
    log_calls: Annotated[
        str | None, typer.Option("--log-calls", help="full keeps every prompt too.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check everything and say what it would take.")
    ] = False,
    db: Db = None,
) -> None:
    """Generate sessions: every client by every method. The same command again goes on.

    Example: magnet generate seeds.json --run pilot --methods magnet,cactus --limit 20
    """
    settings = settings_from(
        db,
        model,
        turns=turns,
        layout=layout,
        checks=checks,
        concurrency=concurrency,
        keep_checkpoints=keep_checkpoints,
        log_calls=log_calls,
    )
    clients = select_clients(
        [client for path in intake for client in read_clients(path)], _attitudes(attitudes), limit
    )
    names = [name.strip() for name in methods.split(",") if name.strip()]
    if not asyncio.run(_generate(settings, run, clients, names, seed, dry_run)):
        raise typer.Exit(FAILED)


def _attitudes(text: str | None) -> list[Attitude] | None:
    if text is None:
        return None
    names = list(Attitude) if text == "all" else [part.strip() for part in text.split(",")]
    try:
        return list(dict.fromkeys(map(Attitude, names)))
    except ValueError as error:
        raise typer.BadParameter(
            f"{error}; expected all, or some of {', '.join(Attitude)}", param_hint="--attitudes"
        ) from error


async def _generate(
    settings: Settings,
    run: str,
    clients: Sequence[Client],
    methods: Sequence[str],
    seed: int,
    dry_run: bool,
) -> bool:
    async with open_workspace(settings) as workspace:
        agents = workspace.agents_of(methods)
        endpoints = Endpoints.of_run(settings, agents, len(clients) * len(methods))
        try:
            sessions = plan_sessions(workspace, run, clients, methods, endpoints, seed=seed)
            await endpoints.prepare(agents)
            if dry_run:
                for_tables().print(expected_table("method", await estimate(workspace, sessions)))
                return True
            await open_run(workspace, run, sessions)
            return await play_run_visibly(workspace, run, endpoints)
        finally:
            await endpoints.aclose()


def expected_table(titles: str, rows: Sequence[Estimate]) -> Table:
    """Return what is expected as a table."""
    table = Table(titles, "sessions", "calls", "tokens in, about", "tokens out, about", "cost")
    for row in rows:
        table.add_row(
            escape(row.title),
            f"{row.sessions:,}",
            f"{row.calls:,}",
            f"{row.usage.prompt:,}",
            f"{row.usage.completion:,}",
            "price unknown" if row.cost is None else f"{row.cost:.2f}",
        )
    return table


async def play_run_visibly(
    workspace: Workspace, run: str, endpoints: Endpoints, *, as_json: bool = False
) -> bool:
    """Play a run to its end or until Ctrl-C, and say what has become of it.

    As JSON, stdout gets a line for each session of the run, and stderr the rest.
    """
    console = err if as_json else out
    tally = Tally()
    used = await workspace.store.calls.totals_by_model(run)
    before = {model: totals.usage for model, totals in used.items()}
    with showing(workspace, tally, before, quiet=not err.is_terminal) as progress:
        with draining() as control:
            await play_run(
                workspace, run, endpoints, watch=progress.watch, tally=tally, control=control
            )
        progress.refresh()
    for method, count in sorted(tally.finished.items()):
        console.print(f"{method}: {count} sessions finished")
    for session, reason in sorted(tally.failed.items()):
        show_error(f"failing: {session}: {reason}")
    for session in sorted(tally.busy):
        show_error(f"left: {session}: another process was playing it")
    used = await workspace.store.calls.totals_by_model(run)
    cost = cost_of({model: totals.usage for model, totals in used.items()}, workspace)
    calls = sum(totals.calls for totals in used.values())
    console.print(f"run {run}: {calls:,} calls" + ("" if cost is None else f", cost {cost:.2f}"))
    flagged = await workspace.store.calls.flagged(run)
    if flagged:
        console.print(
            f"flagged: {sum(flagged.values()):,} answers in {len(flagged):,} sessions were kept "
            "although they fail a check"
        )
    if tally.left:
        say_left(workspace, tally.left, run, as_json=as_json)
    if as_json:
        for one in await workspace.store.sessions.list(run=run):
            say_line(session=one.id, status=one.status, flagged=flagged.get(one.id, 0))
    return not tally.left
