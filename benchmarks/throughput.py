"""What this software costs beside the model server: many sessions against the fake server.

    python -m benchmarks.throughput --sessions 60 --latency-ms 50 --concurrency 256

In one run it measures, against the same server in a process of its own:
- `magnet generate`'s machinery: graph, checkpoints, store, journal; everything included;
- a bare loop over the `openai` client that makes as many calls with the same prompts' sizes, with
  no graph and no checkpoint, as many at once.
Wall time is set beside the critical path: a plan and then three calls an exchange, one after the
other, since the six of the first step run in parallel.
"""

import argparse
import asyncio
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import openai
from httpx_aiohttp import AiohttpTransport
from langgraph.runtime import RunControl
from rich.console import Console
from rich.table import Table

from magnet.models.endpoints import Endpoints
from magnet.models.fake.faults import FakeServerSettings
from magnet.models.fake.server import start_fake_server
from magnet.models.providers import Provider
from magnet.models.settings import load_settings
from magnet.sessions.batch import Tally, open_run, plan_sessions, play_run
from magnet.sessions.example_forms import example_folder
from magnet.sessions.workspace import open_workspace
from magnet.state.intake_files import read_clients

PEAK_UNIT = 1024  # ru_maxrss counts KiB on Linux


def cpu_seconds() -> float:
    """Return the CPU time of this process, its threads included."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def play(base_url: str, sessions: int, turns: int, concurrency: int) -> dict[str, Any]:
    """Generate the sessions and give what it took."""
    forms = read_clients(example_folder())
    clients = [forms[i % len(forms)] for i in range(sessions)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "sessions.db"
        settings = load_settings(
            db=str(path),
            model="server:fake",
            providers={"server": Provider(base_url=base_url)},
            turns=turns,
            min_turns=turns,
            concurrency=concurrency,
        )
        async with open_workspace(settings) as workspace:
            endpoints = Endpoints(settings, sessions=concurrency)
            planned = plan_sessions(workspace, "bench", clients, ["magnet"], endpoints, seed=0)
            await endpoints.prepare(workspace.method("magnet").agents)
            calls = 0

            def watch(_session: Any, _event: Any) -> None:
                nonlocal calls
                calls += 1

            wall, cpu = time.perf_counter(), cpu_seconds()
            await open_run(workspace, "bench", planned)
            tally = Tally()
            await play_run(
                workspace, "bench", endpoints, watch=watch, tally=tally, control=RunControl()
            )
            wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
            used = await workspace.store.calls.totals_by_model("bench")
            await endpoints.aclose()
        size = path.stat().st_size
    made = sum(totals.calls for totals in used.values())
    return {
        "finished": sum(tally.finished.values()),
        "calls": made,
        "wall": wall,
        "cpu": cpu,
        "prompt": sum(t.usage.prompt for t in used.values()) / made,
        "bytes": size / sessions,
    }


async def bare(base_url: str, calls: int, concurrency: int, words: int) -> dict[str, float]:
    """Make as many calls with the bare client, as many at once."""
    http = httpx.AsyncClient(
        transport=AiohttpTransport(limits=httpx.Limits(max_connections=concurrency))
    )
    client = openai.AsyncOpenAI(base_url=base_url, api_key="none", http_client=http)
    messages: Any = [
        {"role": "system", "content": "You answer as a counselor."},
        {"role": "user", "content": "word " * words},
    ]
    left = iter(range(calls))

    async def work() -> None:
        for seed in left:
            await client.chat.completions.create(model="fake", messages=messages, seed=seed)

    wall, cpu = time.perf_counter(), cpu_seconds()
    await asyncio.gather(*(work() for _ in range(concurrency)))
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    await client.close()
    return {"wall": wall, "cpu": cpu}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=60)
    parser.add_argument("--turns", type=int, default=40)
    parser.add_argument("--latency-ms", type=float, default=50.0)
    parser.add_argument("--concurrency", type=int, default=256)
    given = parser.parse_args()
    with start_fake_server(FakeServerSettings(latency_ms=given.latency_ms)) as base_url:
        ours = asyncio.run(play(base_url, given.sessions, given.turns, given.concurrency))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PEAK_UNIT
        at_once = min(given.concurrency, given.sessions * 6)
        theirs = asyncio.run(bare(base_url, ours["calls"], at_once, int(ours["prompt"] * 0.75)))
    path = (1 + 3 * given.turns // 2) * given.latency_ms / 1000
    rounds = -(-given.sessions // given.concurrency)
    table = Table("", "magnet", "bare client", "ratio")
    table.add_row("sessions finished", f"{ours['finished']} of {given.sessions}", "", "")
    table.add_row("calls", f"{ours['calls']:,}", f"{ours['calls']:,}", "")
    table.add_row(
        "CPU a call, ms",
        f"{1000 * ours['cpu'] / ours['calls']:.2f}",
        f"{1000 * theirs['cpu'] / ours['calls']:.2f}",
        f"{ours['cpu'] / theirs['cpu']:.2f}",
    )
    table.add_row(
        "wall, s",
        f"{ours['wall']:.1f}",
        f"{theirs['wall']:.1f}",
        f"{ours['wall'] / theirs['wall']:.2f}",
    )
    table.add_row(
        "wall over the critical path",
        f"{ours['wall']:.1f} over {path * rounds:.1f}",
        "",
        f"{ours['wall'] / (path * rounds):.2f}",
    )
    table.add_row("peak memory, MB", f"{peak / 1e6:.0f}", "", "")
    table.add_row("bytes of SQLite a session", f"{ours['bytes']:,.0f}", "", "")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
