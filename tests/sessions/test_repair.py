"""A session whose checkpoints do not fit together is rebuilt from its log of calls."""

import sqlite3
from contextlib import aclosing
from pathlib import Path

import pytest

from magnet.models.endpoints import Endpoints
from magnet.models.settings import Settings
from magnet.sessions.example_forms import default_intake, example_folder
from magnet.sessions.reading import load_session
from magnet.sessions.repair import NothingToRepairError, is_broken, repair_session
from magnet.sessions.runner import create_session, play_session, session_settings
from magnet.sessions.session_state import BrokenSessionError
from magnet.sessions.workspace import Workspace, open_workspace
from magnet.state import Call
from magnet.state.intake_files import read_clients
from magnet.store import Session, SessionStatus
from tests.magnet.commands import Magnet, magnet

__all__ = ["magnet"]

_OF_IT = "WHERE thread_id = 'broken'"
BROKEN = {
    "what it began with is gone": f"DELETE FROM writes {_OF_IT} AND channel = 'settings'",
    "an utterance is gone": (
        f"DELETE FROM writes {_OF_IT} AND rowid = "
        f"(SELECT min(rowid) FROM writes {_OF_IT} AND channel = 'utterances')"
    ),
    "all is gone but what was written last": (
        f"DELETE FROM checkpoints {_OF_IT} AND rowid < "
        f"(SELECT max(rowid) FROM checkpoints {_OF_IT})"
    ),
}


async def played(workspace: Workspace, session: Session, calls: int = 10**6) -> list[Call]:
    """Play a session on the fake model, up to a number of calls."""
    endpoints = Endpoints(workspace.settings)
    made: list[Call] = []
    async with aclosing(play_session(workspace, session, endpoints)) as events:
        async for event in events:
            if isinstance(event, Call):
                made.append(event)
            if len(made) >= calls:
                break
    await endpoints.aclose()
    return made


async def begun(workspace: Workspace, name: str) -> Session:
    endpoints = Endpoints(workspace.settings)
    client = read_clients(default_intake())[0]
    settings = session_settings(workspace, seed=5)
    return await create_session(workspace, client, settings, endpoints, session_id=name)


@pytest.mark.parametrize("statement", BROKEN.values(), ids=BROKEN.keys())
async def test_it_goes_on_as_if_nothing_had_happened(tmp_path: Path, statement: str):
    settings = Settings(db=str(tmp_path / "s.db"), model="fake", turns=12, keep_checkpoints="all")
    async with open_workspace(settings) as workspace:
        whole = await begun(workspace, "whole")
        asked = await played(workspace, whole)
        broken = await begun(workspace, "broken")
        before = await played(workspace, broken, calls=24)
    with sqlite3.connect(tmp_path / "s.db") as database:
        changed = database.execute(statement).rowcount
    assert changed > 0
    async with open_workspace(settings) as workspace:
        broken = await workspace.store.sessions.get("broken")
        assert await is_broken(workspace, broken)
        with pytest.raises(BrokenSessionError, match="magnet repair broken"):
            await played(workspace, broken)
        assert await repair_session(workspace, broken) >= len(before)
        after = await played(workspace, await workspace.store.sessions.get("broken"))
        assert len(before) + len(after) == len(asked)
        one, other = [await load_session(workspace, name) for name in ("whole", "broken")]
        assert [u.text for u in one.utterances] == [u.text for u in other.utterances]
        assert other.status is SessionStatus.FINISHED


async def test_one_that_has_ended_needs_no_repair(tmp_path: Path):
    settings = Settings(db=str(tmp_path / "s.db"), model="fake", turns=2)
    async with open_workspace(settings) as workspace:
        session = await begun(workspace, "s")
        await played(workspace, session)
        ended = await workspace.store.sessions.get("s")
        assert not await is_broken(workspace, ended)
        with pytest.raises(NothingToRepairError):
            await repair_session(workspace, ended)


def test_the_command_repairs_what_is_broken_of_a_run(magnet: Magnet, tmp_path: Path):
    run = ("generate", example_folder(), "--run", "r", "--methods", "psych8k", "--limit", 2)
    assert magnet(*run, "--turns", 4, "--model", "fake").code == 0
    assert magnet("repair", "r").said == "No session is broken."
    magnet("run", "--model", "fake", "--turns", 8, "--session", "s", "--stop-at", "fusion")
    with sqlite3.connect(tmp_path / "sessions.db") as database:
        database.execute("DELETE FROM writes WHERE channel = 'settings' AND thread_id = 's'")
    broken = magnet("resume", "s")
    assert broken.code == 1
    assert "magnet repair s" in broken.said
    assert "logged calls magnet resume s" in magnet("repair", "s").said
    assert magnet("resume", "s").code == 0
    assert "has ended" in magnet("repair", "s").said
