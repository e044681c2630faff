"""The flaws of generated sessions with the checks on and off, beside the published ones.

    python -m benchmarks.flaws SEEDS.json --model embedded:smollm2-135m --sessions 6 --turns 40

Which flaws, and how they are counted: `evals/quality/`.
"""

import argparse
import asyncio
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.playing import Played, play
from magnet.evals.quality import measure_quality
from magnet.evals.quality.table import quality_table
from magnet.state import OPENING_UTTERANCES
from magnet.state.intake_choice import select_clients
from magnet.state.intake_files import read_clients


async def measure(path: Path, model: str, sessions: int, turns: int, only: str | None) -> None:
    """Play the sessions with checks on and off and print the tables."""
    clients = select_clients(read_clients(path), None, None)
    step = max(1, len(clients) // sessions)
    chosen = clients[::step][:sessions]
    columns: dict[str, list[Played]] = {}
    for name, checks in (("on", True), ("off", False)):
        if only in (None, name):
            columns[f"checks {name}"] = await play(chosen, model=model, turns=turns, checks=checks)
    console = Console(width=150)
    measured = {
        name: measure_quality([one.session for one in played]) for name, played in columns.items()
    }
    console.print(quality_table(measured))
    costs = Table("of each session", *columns)
    for label, value in (
        ("utterances", lambda p: len(p.session.utterances) - OPENING_UTTERANCES),
        ("calls", lambda p: p.totals.calls),
        ("seconds", lambda p: round(p.seconds)),
        ("finished", lambda p: p.session.status.value),
    ):
        costs.add_row(label, *(" ".join(str(value(p)) for p in some) for some in columns.values()))
    console.print(costs)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", type=Path)
    parser.add_argument("--model", default="embedded:smollm2-135m")
    parser.add_argument("--sessions", type=int, default=6)
    parser.add_argument("--turns", type=int, default=40)
    parser.add_argument("--only", choices=("on", "off"))
    given = parser.parse_args()
    asyncio.run(measure(given.seeds, given.model, given.sessions, given.turns, given.only))
