"""`magnet show`: a session's plan, exchanges, candidates and calls."""

import asyncio
from dataclasses import replace
from typing import Annotated

import typer
from pydantic import TypeAdapter
from pydantic_core import to_json
from rich.markup import escape
from rich.padding import Padding
from rich.panel import Panel

from magnet.cli.console import out
from magnet.cli.options import AsJson, Db, settings_from
from magnet.cli.showing import (
    introduce,
    show_affect,
    show_direction,
    show_plan,
    show_utterance,
)
from magnet.models.settings import Settings
from magnet.state import Call, ExchangeRecord, Provenance
from magnet.store import Session, SessionStatus, open_store


def show(
    session: Annotated[str, typer.Argument(help="Id, or the start of one.")],
    turn: Annotated[
        int | None,
        typer.Option(
            "--turn",
            min=1,
            help="Only the exchange of this turn: 1 is the first utterance that was generated.",
        ),
    ] = None,
    candidates: Annotated[
        bool, typer.Option("--candidates", help="All drafts, with the choice and what it cost.")
    ] = False,
    prompts: Annotated[
        bool, typer.Option("--prompts", help="Every call: prompt and raw answer, as far as kept.")
    ] = False,
    db: Db = None,
    as_json: AsJson = False,
) -> None:
    """Print a session.

    Example: magnet show 3f9a --turn 5 --candidates
    """
    found, calls, flagged = asyncio.run(_read(settings_from(db, None), session, prompts))
    exchange = None if turn is None else (turn + 1) // 2
    exchanges = [e for e in found.exchanges if exchange in (None, e.index)]
    if exchange is not None and not exchanges:
        raise typer.BadParameter(
            f"session {found.id} has {len(found.utterances) - 2} turns", param_hint="--turn"
        )
    if as_json:
        said = [u for u in found.utterances if exchange in (None, u.exchange)]
        shown = replace(found, exchanges=tuple(exchanges), utterances=tuple(said))
        plain = TypeAdapter(Session).dump_python(shown, mode="json")
        print(to_json(plain | {"flagged": flagged}, indent=2).decode())
        return
    introduce(found)
    if found.error:
        out.print(f"[red]stopped:[/] {escape(found.error)}")
    if exchange is None:
        if found.plan:
            show_plan(found.plan)
        for utterance in found.utterances[:2]:
            show_utterance(utterance)
    for record in exchanges:
        _show_exchange(record, candidates)
    for call in calls:
        if exchange in (None, call.exchange):
            _show_call(call)
    if flagged:
        out.print(f"[dim red]flagged: {flagged:,} answers were kept although they fail a check[/]")
    if found.end_reason:
        last = found.exchanges[-1].direction if found.exchanges else None
        leaving = last.ending.leaving if last and last.ending else None
        why = f" ({leaving.value})" if leaving else ""
        out.print(f"[dim]ended: {found.end_reason.value}{why}[/]")


async def _read(settings: Settings, prefix: str, prompts: bool) -> tuple[Session, list[Call], int]:
    async with open_store(settings.db) as store:
        session = await store.sessions.find(prefix)
        calls = await store.calls.of_session(session.id) if prompts else []
        totals = await store.calls.totals([session.id])
    if session.status is not SessionStatus.FINISHED:
        session = await _so_far(settings, session.id)
    return session, calls, totals[session.id].flagged


async def _so_far(settings: Settings, session_id: str) -> Session:
    # What is under way lies in the checkpoints, and LangGraph takes long to import.
    from magnet.sessions.reading import load_session
    from magnet.sessions.workspace import open_workspace

    async with open_workspace(settings) as workspace:
        return await load_session(workspace, session_id)


def _show_exchange(record: ExchangeRecord, candidates: bool) -> None:
    out.print(f"[dim]── exchange {record.index} ──[/]")
    if record.affect:
        show_affect(record.affect)
    if record.direction:
        show_direction(record.direction)
    chosen = record.selection.techniques if record.selection else ()
    for candidate in record.candidates if candidates else ():
        mark = "[green]chosen[/]" if candidate.technique in chosen else ""
        out.print(f"  [blue]{candidate.technique}[/] {mark} {_cost(candidate.provenance)}")
        out.print(Padding(escape(candidate.text), (0, 0, 0, 4)))
    if record.selection:
        reason = f" — {escape(record.selection.reason)}" if record.selection.reason else ""
        out.print(f"[magenta]techniques:[/] {', '.join(chosen)}{reason}")
    for utterance in (record.counselor, record.client):
        if utterance:
            show_utterance(utterance)
            if candidates and utterance.provenance:
                out.print(f"  {_cost(utterance.provenance)}")


def _cost(provenance: Provenance) -> str:
    parts = [
        f"{provenance.usage.prompt}+{provenance.usage.completion} tokens",
        f"{provenance.seconds:.1f} s",
    ]
    if provenance.repairs:
        parts.append(f"repaired: {', '.join(provenance.repairs)}")
    if provenance.rejected:
        parts.append(f"asked again: {'; '.join(provenance.rejected)}")
    return f"[dim]({', '.join(parts)})[/]"


def _show_call(call: Call) -> None:
    title = f"exchange {call.exchange} · {call.node} · attempt {call.attempt} · seed {call.seed}"
    prompt = "\n\n".join(f"{m['role']}: {m['content']}" for m in call.messages or ())
    missing = "(not kept: run with --log-calls full)"
    body = f"{prompt or missing}\n\nanswer ({call.outcome}): {call.text or missing}"
    out.print(Panel(escape(body), title=title, title_align="left"))
