"""`magnet list`: the stored sessions."""

import asyncio
import json
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from magnet.cli.console import out
from magnet.cli.options import AsJson, Db, settings_from
from magnet.settings import Settings
from magnet.workspace import open_workspace
from store import CallTotals, SessionSummary


def list_sessions(
    limit: Annotated[int, typer.Option("--limit", min=1, help="The newest so many.")] = 50,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """List the stored sessions, the newest first.

    Example: magnet list --limit 10
    """
    rows = asyncio.run(_read(settings_from(db, None), limit))
    if as_json:
        print(json.dumps([_plain(summary, totals) for summary, totals in rows], indent=2))
    elif rows:
        out.print(_table(rows))
    else:
        out.print("No sessions yet. 'magnet run' plays one.")


async def _read(settings: Settings, limit: int) -> list[tuple[SessionSummary, CallTotals]]:
    async with open_workspace(settings) as workspace:
        summaries = await workspace.store.sessions.list(limit=limit)
        totals = await workspace.store.calls.totals([summary.id for summary in summaries])
    return [(summary, totals.get(summary.id, CallTotals())) for summary in summaries]


def _table(rows: list[tuple[SessionSummary, CallTotals]]) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column("session", no_wrap=True)
    for name in ("client", "attitude", "method", "status", "exchange", "calls"):
        table.add_column(name, justify="right" if name in ("exchange", "calls") else "left")
    table.add_column("tokens in / out", justify="right")
    table.add_column("made")
    for summary, totals in rows:
        table.add_row(
            escape(summary.id),
            escape(summary.client_name),
            summary.attitude.value,
            escape(summary.method),
            summary.end_reason or summary.status.value,
            str(totals.exchange),
            str(totals.calls),
            f"{totals.usage.prompt:,} / {totals.usage.completion:,}",
            f"{summary.created:%Y-%m-%d %H:%M}",
        )
    return table


def _plain(summary: SessionSummary, totals: CallTotals) -> dict[str, object]:
    return {
        "session": summary.id,
        "run": summary.run,
        "client": summary.client_name,
        "attitude": summary.attitude,
        "method": summary.method,
        "status": summary.status,
        "end_reason": summary.end_reason,
        "error": summary.error,
        "exchange": totals.exchange,
        "calls": totals.calls,
        "usage": totals.usage.model_dump(),
        "created": summary.created.isoformat(),
    }
