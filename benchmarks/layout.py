"""Prompt tokens that the server computes for a session, by prompt layout.

    python -m benchmarks.layout --turns 12

Each layout plays a session of the same client with the same seed. The texts differ, so the figures
are given per exchange too.
"""

import argparse
import asyncio

from rich.console import Console
from rich.table import Table

from benchmarks.playing import Played, play
from magnet.sessions.example_forms import default_intake
from magnet.state.intake_files import read_clients

LAYOUTS = ("shared-first", "paper")


def computed(played: Played) -> int:
    """Count the prompt tokens that no cache served."""
    return played.totals.usage.prompt - played.totals.usage.cached


async def measure(model: str, turns: int) -> None:
    """Play a session in each layout and print the table."""
    client = read_clients(default_intake())[0]
    table = Table("layout", "calls", "exchanges", "prompt", "cached", "computed", "out", "seconds")
    table.add_column("computed/exchange")
    table.add_column("seconds/exchange")
    for layout in LAYOUTS:
        (played,) = await play([client], model=model, turns=turns, layout=layout)
        usage, exchanges = played.totals.usage, len(played.session.exchanges)
        table.add_row(
            layout,
            str(played.totals.calls),
            str(exchanges),
            str(usage.prompt),
            str(usage.cached),
            str(computed(played)),
            str(usage.completion),
            f"{played.seconds:.0f}",
            f"{computed(played) / exchanges:.0f}",
            f"{played.seconds / exchanges:.1f}",
        )
    Console(width=120).print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="embedded")
    parser.add_argument("--turns", type=int, default=12)
    given = parser.parse_args()
    asyncio.run(measure(given.model, given.turns))
