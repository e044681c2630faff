"""What was asked: as the database has it, and as the fake server's log has it."""

import json
import sqlite3
from collections import Counter
from pathlib import Path


def rows(folder: Path, query: str) -> list[tuple[object, ...]]:
    with sqlite3.connect(f"file:{folder / 'sessions.db'}?mode=ro", uri=True) as connection:
        return connection.execute(query).fetchall()


def recorded(folder: Path) -> Counter[int]:
    """Count the answered calls in the log by their model seed."""
    found = rows(folder, "select seed from calls")
    return Counter(int(str(seed)) for (seed,) in found)


def requests(log: Path) -> list[int | None]:
    """Return the seed of each request that the server answered well, the oldest first."""
    lines = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
    # A faulty answer is one to ask again for; of a line that is being written half is no line.
    found = [json.loads(line) for line in lines if line.endswith("}")]
    return [one["seed"] if one["fault"] is None else None for one in found]
