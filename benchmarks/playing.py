"""Playing sessions for a measurement, in a database that is thrown away."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from magnet.models.endpoints import Endpoints
from magnet.models.settings import load_settings
from magnet.sessions.runner import create_session, play_session, session_settings
from magnet.sessions.workspace import open_workspace
from magnet.state import Client
from magnet.store import CallTotals, Session


@dataclass(frozen=True, slots=True)
class Played:
    """A session as it ended, and what it took."""

    session: Session
    totals: CallTotals
    seconds: float


async def play(clients: Sequence[Client], *, seed: int = 0, **flags: Any) -> list[Played]:
    """Play a session of each client, one after the other, with settings under these flags."""
    played: list[Played] = []
    with TemporaryDirectory() as folder:
        settings = load_settings(db=str(Path(folder) / "sessions.db"), **flags)
        endpoints = Endpoints(settings)
        async with open_workspace(settings) as workspace:
            for client in clients:
                fixed = session_settings(workspace, seed=seed)
                await endpoints.prepare(workspace.method(fixed.method).agents)
                session = await create_session(workspace, client, fixed, endpoints)
                started = time.perf_counter()
                async for _ in play_session(workspace, session, endpoints):
                    pass
                seconds = time.perf_counter() - started
                ended = await workspace.store.sessions.get(session.id)
                totals = await workspace.store.calls.totals([session.id])
                played.append(Played(ended, totals[session.id], seconds))
        await endpoints.aclose()
    return played
