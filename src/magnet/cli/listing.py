"""`magnet list`: the stored sessions."""

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from magnet.cli.console import UNBROKEN, for_tables, out
from magnet.cli.options import AsJson, Db, settings_from
from magnet.models.settings import Settings
from magnet.store import CallTotals, SessionSummary, open_store

_Row = tuple[SessionSummary, CallTotals]
# The most important first: where a terminal is narrow, the last are left out.
_COLUMNS: Mapping[str, Callable[[SessionSummary, CallTotals], str]] = {
    "session": lambda session, _: session.id,
    "status": lambda session, _: session.end_reason or session.status.value,
    "exchange": lambda _, totals: str(totals.exchange),
    "flagged": lambda _, totals: str(totals.flagged),
    "client": lambda session, _: session.client_name,
    "attitude": lambda session, _: session.attitude.value,
    "method": lambda session, _: session.method,
    "made": lambda session, _: f"{session.created:%Y-%m-%d %H:%M}",
    "calls": lambda _, totals: str(totals.calls),
    "tokens in / out": lambda _, t: _tokens(t),
}
_COUNTS = ("exchange", "flagged", "calls", "tokens in / out")


def list_sessions(
    run: Annotated[str | None, typer.Option("--run", help="Only the sessions of a run.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="The newest so many.")] = 50,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """List the stored sessions, the newest first, in as many columns as the terminal is wide.

    Example: magnet list --run pilot --limit 10
    """
    rows = asyncio.run(_read(settings_from(db, None), run, limit))
    if as_json:
        print(json.dumps([_plain(summary, totals) for summary, totals in rows], indent=2))
    elif rows:
        _print(rows, for_tables())
    else:
        out.print("No sessions yet. 'magnet run' plays one.")


async def _read(settings: Settings, run: str | None, limit: int) -> list[_Row]:
    async with open_store(settings.db) as store:
        if run is not None:
            await store.runs.get(run)
        summaries = await store.sessions.list(run=run, limit=limit)
        totals = await store.calls.totals([summary.id for summary in summaries])
    return [(summary, totals.get(summary.id, CallTotals())) for summary in summaries]


def _print(rows: Sequence[_Row], console: Console) -> None:
    unbroken = console.options.update(max_width=UNBROKEN)
    for count in range(len(_COLUMNS), 0, -1):
        table = _table(rows, list(_COLUMNS)[:count])
        if count == 1 or console.measure(table, options=unbroken).maximum <= console.width:
            console.print(table)
            return


def _table(rows: Sequence[_Row], names: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in names:
        # A name is never cut: alone on a terminal that is narrower still, it is broken.
        table.add_column(name, justify="right" if name in _COUNTS else "left", overflow="fold")
    for summary, totals in rows:
        table.add_row(*(escape(_COLUMNS[name](summary, totals)) for name in names))
    return table


def _tokens(totals: CallTotals) -> str:
    if totals.calls and totals.untold == totals.calls:
        return "unknown"
    # What some calls took is not known: it is this much or more.
    more = "+" if totals.untold else ""
    return f"{totals.usage.prompt:,}{more} / {totals.usage.completion:,}{more}"


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
        "flagged": totals.flagged,
        "calls": totals.calls,
        "usage": totals.usage.model_dump(),
        "calls_without_usage": totals.untold,
        "created": summary.created.isoformat(),
    }
