"""Sessions on the embedded model one after the other, and several at once.

    python -m benchmarks.at_once --model embedded:smollm2-135m --sessions 4 --turns 6

The same clients and seeds; what is said differs with what is computed together, so the figures are
given per exchange.
"""

import argparse
import asyncio
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from langgraph.runtime import RunControl
from rich.console import Console
from rich.table import Table

from magnet.batch import Tally, open_run, plan_sessions, play_run
from magnet.examples import example_folder
from magnet.models.endpoints import Endpoints
from magnet.settings import load_settings
from magnet.workspace import open_workspace
from state import Client
from state.intake_files import read_clients

RUN = "at-once"


class Played(NamedTuple):
    """What a run took."""

    calls: int
    exchanges: int
    computed: int
    seconds: float


async def play(clients: list[Client], model: str, turns: int, concurrency: int) -> Played:
    """Play a session of each client, so many at once."""
    with TemporaryDirectory() as folder:
        db = str(Path(folder) / "sessions.db")
        settings = load_settings(
            db=db, model=model, turns=turns, min_turns=turns, concurrency=concurrency
        )
        async with open_workspace(settings) as workspace:
            endpoints = Endpoints.of_run(settings)
            planned = plan_sessions(workspace, RUN, clients, ["magnet"], endpoints, seed=0)
            await endpoints.prepare(workspace.method("magnet").agents)
            await open_run(workspace, RUN, planned)
            started = time.perf_counter()
            await play_run(
                workspace,
                RUN,
                endpoints,
                watch=lambda _session, _event: None,
                tally=Tally(),
                control=RunControl(),
            )
            seconds = time.perf_counter() - started
            await endpoints.aclose()
            (used,) = (await workspace.store.calls.totals_by_model(RUN)).values()
            ended = [await workspace.store.sessions.get(session.id) for session in planned]
    exchanges = sum(len(session.exchanges) for session in ended)
    return Played(used.calls, exchanges, used.usage.prompt - used.usage.cached, seconds)


async def measure(model: str, sessions: int, turns: int) -> None:
    """Play both ways and print the table."""
    clients = [read_clients(path)[0] for path in sorted(example_folder().glob("*.yaml"))[:sessions]]
    table = Table("at once", "calls", "exchanges", "computed/exchange", "seconds/exchange", "ratio")
    alone: float | None = None
    for concurrency in (1, sessions):
        played = await play(clients, model, turns, concurrency)
        seconds = played.seconds / played.exchanges
        alone = alone or seconds
        table.add_row(
            str(concurrency),
            str(played.calls),
            str(played.exchanges),
            f"{played.computed / played.exchanges:.0f}",
            f"{seconds:.1f}",
            f"{alone / seconds:.2f}",
        )
    Console(width=100).print(table)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="embedded:smollm2-135m")
    parser.add_argument("--sessions", type=int, default=4)
    parser.add_argument("--turns", type=int, default=6)
    given = parser.parse_args()
    asyncio.run(measure(given.model, given.sessions, given.turns))
