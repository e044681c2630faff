"""CPU time that a command takes to start, as ratios to what its libraries take to import.

    python -m benchmarks.startup

Each round runs every program once in a process of its own, so that what else the machine does
strikes all alike; of each program the fastest round counts. No program waits for a model.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

OPENED = """
import asyncio, os, pydantic, rich, sqlalchemy
from sqlalchemy.ext.asyncio import create_async_engine

async def main():
    engine = create_async_engine("sqlite+aiosqlite:///" + os.environ["MAGNET_DB"])
    async with engine.connect() as connection:
        await connection.execute(sqlalchemy.text("SELECT count(*) FROM sessions"))
    await engine.dispose()

asyncio.run(main())
"""
STORE_OPENED = """
import asyncio, os, rich.console, rich.table, typer
import pydantic_settings
from magnet.store import open_store

async def main():
    async with open_store(os.environ["MAGNET_DB"]) as store:
        await store.sessions.list(limit=1)

asyncio.run(main())
"""
BASELINES: Mapping[str, str] = {
    "import typer, rich": "import typer, rich",
    "import sqlalchemy, pydantic, rich; open the database": OPENED,
    "import every library of list; open the store": STORE_OPENED,
    "import langgraph, langchain_openai": "import langgraph.graph, langchain_openai",
}
SHELL, DATABASE, STORE, PLAYED = BASELINES


@dataclass(frozen=True, slots=True)
class Measured:
    """A command, what it is measured against, and the ratio aimed at."""

    arguments: Sequence[str]
    baseline: str
    aim: float | None = None


COMMANDS = (
    Measured(("--version",), SHELL, 2.0),
    Measured(("--help",), SHELL, 2.0),
    Measured(("list",), DATABASE, 1.3),
    Measured(("list",), STORE),
    Measured(("show", "played"), DATABASE, 1.3),
    Measured(("show", "played"), STORE),
    Measured(("run", "--model", "fake", "--turns", "2"), PLAYED, 1.2),
)


def cpu_seconds(arguments: Sequence[str], folder: Path) -> float:
    """Measure user and system time of a Python process and of what it starts."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MAGNET_")},
        "MAGNET_DB": str(folder / "sessions.db"),
    }
    process = subprocess.Popen(
        (sys.executable, *arguments),
        cwd=folder,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(arguments)}: exit code {process.returncode}")
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    rounds: int = parser.parse_args().rounds
    programs = {name: ("-c", code) for name, code in BASELINES.items()} | {
        " ".join(one.arguments): ("-m", "magnet", *one.arguments) for one in COMMANDS
    }
    best = dict.fromkeys(programs, float("inf"))
    with TemporaryDirectory() as name:
        folder = Path(name)
        play = ("run", "--model", "fake", "--turns", "4", "--session", "played")
        cpu_seconds(("-m", "magnet", *play), folder)
        for _ in range(rounds):
            for program, arguments in programs.items():
                best[program] = min(best[program], cpu_seconds(arguments, folder))
    table = Table("command", "CPU s", "against", "CPU s", "ratio", "aim", box=None)
    for one in COMMANDS:
        own, other = best[" ".join(one.arguments)], best[one.baseline]
        table.add_row(
            f"magnet {' '.join(one.arguments)}",
            f"{own:.3f}",
            one.baseline,
            f"{other:.3f}",
            f"{own / other:.2f}",
            f"{one.aim:.1f}" if one.aim else "",
        )
    Console(width=None if sys.stdout.isatty() else 140).print(table)


if __name__ == "__main__":
    main()
