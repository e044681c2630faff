"""Runs to compare, stored as they are: what the counselor says, to how many clients."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from magnet.state import Attitude, EndReason, SessionSettings
from magnet.store import Run, SessionStatus, Store, open_store
from magnet.store.preferences import Preference, RaterKind, Verdict
from magnet.store.scores import ItemScore
from tests.evals.compared import session

T = TypeVar("T")

WARM, COLD = "I hear you. I hear you. I hear you.", "Next."
CLIENTS = 8
"""With which six items that all differ pass Holm's adjustment of an exact test."""


def in_store(folder: Path, action: Callable[[Store], Awaitable[T]]) -> T:
    """Do something in the folder's database."""

    async def act() -> T:
        async with open_store(folder / "sessions.db") as store:
            return await action(store)

    return asyncio.run(act())


def store_arm(
    folder: Path,
    run: str,
    said: str,
    *,
    clients: Sequence[int] = range(CLIENTS),
    attitudes: Sequence[Attitude] = (Attitude.NEUTRAL,),
    method: str = "magnet",
) -> list[str]:
    """Store a session for each client and attitude, and give their ids; the run may be there."""
    sessions = [
        replace(
            session(f"{run}.{method}", client, attitude, said, "Since spring."),
            run=run,
            settings=SessionSettings(method=method),
            status=SessionStatus.FINISHED,
            end_reason=EndReason.CLIENT,
        )
        for client in clients
        for attitude in attitudes
    ]

    async def store_all(store: Store) -> None:
        if run not in {known.name for known in await store.runs.list()}:
            await store.runs.create(Run(name=run, settings={"seed": 11}))
        await store.sessions.create_all(sessions)

    in_store(folder, store_all)
    return [one.id for one in sessions]


def store_preferences(
    folder: Path,
    better: Sequence[str],
    worse: Sequence[str],
    *,
    rater: str = "ours:m",
    kind: RaterKind = RaterKind.JUDGE,
    aspect: str = "safety",
) -> None:
    """Store that each of some sessions is preferred to the one at its place, whatever the order."""
    shown = [(*pair, Verdict.FIRST) for pair in zip(better, worse, strict=True)]
    shown += [(*pair, Verdict.SECOND) for pair in zip(worse, better, strict=True)]
    preferences = [
        Preference(
            first=first,
            second=second,
            aspect=aspect,
            kind=kind,
            rater=rater,
            instrument="0123456789ab",
            verdict=verdict,
        )
        for first, second, verdict in shown
    ]
    in_store(folder, lambda store: store.preferences.record(preferences))


def store_ratings(folder: Path, sessions: Sequence[str], rater: str, value: float) -> None:
    """Store that a person gave sessions so many points on one item of CTRS."""
    scores = [
        ItemScore(
            subject=one,
            sheet="ctrs",
            item="focus",
            judge=f"human:{rater}",
            sample=1,
            prompt_hash="0123456789ab",
            value=value,
        )
        for one in sessions
    ]
    in_store(folder, lambda store: store.scores.record(scores))
