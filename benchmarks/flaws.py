"""The flaws of generated sessions with the checks on and off, beside the published ones.

    python -m benchmarks.flaws SEEDS.json --model embedded:smollm2-135m --sessions 6 --turns 40

Which flaws, and how they are counted: `evals/flaw_table.py`.
"""

import argparse
import asyncio
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.playing import Played, play
from evals.flaw_table import PUBLISHED, FlawTable
from evals.flaws import measure_flaws
from state import OPENING_UTTERANCES
from state.intake_choice import select_clients
from state.intake_files import read_clients


def spoken(played: list[Played]) -> FlawTable:
    """Measure the generated part of sessions."""
    return measure_flaws(
        [
            [(u.speaker, u.text) for u in one.session.utterances[OPENING_UTTERANCES:]]
            for one in played
        ]
    )


async def measure(path: Path, model: str, sessions: int, turns: int, only: str | None) -> None:
    """Play the sessions with checks on and off and print the table."""
    clients = select_clients(read_clients(path), None, None)
    step = max(1, len(clients) // sessions)
    chosen = clients[::step][:sessions]
    columns: dict[str, tuple[FlawTable, list[Played]]] = {}
    for name, checks in (("on", True), ("off", False)):
        if only in (None, name):
            played = await play(chosen, model=model, turns=turns, checks=checks)
            columns[f"checks {name}"] = (spoken(played), played)
    table = Table("flaw", *columns, "published", "aim")
    for field, published in PUBLISHED.items():
        aim = f"{published.at_least:.0%} to {published.at_most:.0%}"
        measured = [getattr(flaws, field) for flaws, _ in columns.values()]
        table.add_row(
            published.label,
            *(f"{share.share:.1%} ({share.count}/{share.of})" for share in measured),
            f"{published.share:.1%}",
            aim,
        )
    for speaker in ("counselor", "client"):
        spreads = [flaws.words[speaker] for flaws, _ in columns.values()]
        table.add_row(
            f"{speaker}: words, median (5th to 95th percentile)",
            *(f"{s.median:.0f} ({s.p5:.0f} to {s.p95:.0f})" for s in spreads),
        )
    plans = [[p.session.plan for p in played] for _, played in columns.values()]
    table.add_row(
        "plans salvaged",
        *(str(sum("unreadable" in p.making.flags for p in some if p)) for some in plans),
    )
    for label, value in (
        ("utterances", lambda p: len(p.session.utterances) - OPENING_UTTERANCES),
        ("calls", lambda p: p.totals.calls),
        ("seconds", lambda p: round(p.seconds)),
        ("finished", lambda p: p.session.status.value),
    ):
        table.add_row(
            label, *(" ".join(str(value(p)) for p in played) for _, played in columns.values())
        )
    Console(width=150).print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", type=Path)
    parser.add_argument("--model", default="embedded:smollm2-135m")
    parser.add_argument("--sessions", type=int, default=6)
    parser.add_argument("--turns", type=int, default=40)
    parser.add_argument("--only", choices=("on", "off"))
    given = parser.parse_args()
    asyncio.run(measure(given.seeds, given.model, given.sessions, given.turns, given.only))
