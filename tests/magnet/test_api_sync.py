"""The workspace for programs that do not await: in scripts, in notebooks, under Ctrl-C."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from textwrap import dedent

import pytest

import magnet as api
from magnet.models.fake.reply import Reply
from tests.magnet.commands import Magnet, environment
from tests.magnet.endpoint import Answer, as_usual, endpoint
from tests.magnet.test_api import same


def test_a_script(magnet: Magnet) -> None:
    with api.open_workspace_sync(model="fake", turns=4) as workspace:
        assert workspace.settings.turns == 4
        assert "cactus" in workspace.methods
        session = workspace.play(api.read_client(), seed=3)
        assert session.usage.completion > 0
        assert session.calls == len(workspace.calls(session.id))
        playing = workspace.stream(api.read_client(), seed=3)
        said = [u for event in playing for u in event.utterances]
        assert [u.text for u in said] == [u.text for u in session.utterances[2:]]
        assert same(playing.finish(), session)
        assert workspace.generate(api.read_clients(limit=2), "pilot").finish().left == 0
    with pytest.raises(api.BadUseError, match="not open"):
        workspace.sessions()


async def test_it_works_where_a_loop_is_running(magnet: Magnet) -> None:
    with api.open_workspace_sync(model="fake") as workspace:
        assert workspace.play(api.read_client(), turns=2).utterances


def test_an_error_is_the_one_that_is_awaited(magnet: Magnet) -> None:
    with api.open_workspace_sync(model="fake") as workspace:
        with pytest.raises(api.BadUseError, match="nobody"):
            workspace.session("nobody")
        with pytest.raises(api.BadUseError, match="did you mean cactus"):
            workspace.play(api.read_client(), method="cacti")


def test_a_database_that_cannot_be_opened_leaves_no_thread(magnet: Magnet, tmp_path: Path) -> None:
    tmp_path.joinpath("file").write_text("")
    program = f"import magnet\nmagnet.open_workspace_sync({str(tmp_path / 'file' / 'x.db')!r})"
    ended = run(program, tmp_path)
    assert ended.returncode == 1
    assert "StoreError" in ended.stderr.splitlines()[-1]


def test_a_closed_stream_is_resumed(magnet: Magnet) -> None:
    with api.open_workspace_sync(model="fake", turns=6) as workspace:
        playing = workspace.stream(api.read_client(), session_id="abc")
        assert next(playing).session.id == "abc"
        playing.close()
        with pytest.raises(api.MagnetError, match="can be resumed"):
            playing.finish()
        playing = workspace.resume()
        next(playing)
        playing.stop()
        assert playing.finish().left == 1
        assert workspace.resume("abc").finish().left == 0


def test_ctrl_c_leaves_a_session_resumable(magnet: Magnet, tmp_path: Path) -> None:
    def interrupting(reply: Reply) -> Answer:
        if ours.agents.count("client") == 2:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.3)
        return as_usual(reply)

    async def play() -> None:
        async with api.open_workspace(model="ours:m", turns=6) as workspace:
            await workspace.play(api.read_client(), session_id="async")

    with endpoint(interrupting) as ours:
        ours.declare(tmp_path)
        with api.open_workspace_sync(model="ours:m", turns=6) as workspace:
            with pytest.raises(KeyboardInterrupt):
                workspace.play(api.read_client(), session_id="sync")
            ours.agents.clear()
            with pytest.raises(KeyboardInterrupt):
                asyncio.run(play())
            ours.answer = as_usual
            for name in ("sync", "async"):
                assert 2 < len(workspace.session(name).utterances) < 8
                assert workspace.resume(name).finish().left == 0
            whole = workspace.play(api.read_client())
            assert same(workspace.session("sync"), whole)
            assert same(workspace.session("async"), whole)


@pytest.mark.slow
def test_a_program_ends_though_its_workspace_is_open(magnet: Magnet, tmp_path: Path) -> None:
    ended = run(
        """
        import magnet
        workspace = magnet.open_workspace_sync(model="fake", turns=40)
        playing = workspace.stream(magnet.read_client(), session_id="abc")
        next(playing)
        """,
        tmp_path,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    with api.open_workspace_sync() as workspace:
        assert workspace.resume("abc").finish().left == 0


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", dedent(program)],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=60,
    )
