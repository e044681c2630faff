"""Runs to files and files to runs, by function and by command."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from magnet.cli import main
from magnet.evals.quality.flaws import flaw_measures
from magnet.models.settings import load_settings
from magnet.sessions.transfer import find_sessions, import_sessions
from magnet.sessions.workspace import Workspace, open_workspace
from magnet.store import Run, RunSettingsError, SessionStatus, UnknownIdError
from magnet.store.formats import export_sessions
from tests.store.foreign import cactus, generated, published, write
from tests.store.test_formats_training import played


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "sessions.db"


@pytest.fixture
def magnet(
    database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """The command line on the test's database: exit code, output, errors."""

    def call(*words: object) -> tuple[int, str, str]:
        arguments = ["magnet", *map(str, words), "--db", str(database)]
        monkeypatch.setattr(sys, "argv", arguments)
        monkeypatch.setenv("COLUMNS", "1000")
        with pytest.raises(SystemExit) as ended:
            main()
        output = capsys.readouterr()
        return int(ended.value.code or 0), output.out, output.err

    return call


def workspace(database: Path):
    return open_workspace(load_settings(db=str(database)))


async def ids(opened: Workspace, run: str) -> set[str]:
    return {session.id for session in await opened.store.sessions.list(run=run)}


async def test_same_import_again_brings_nothing_twice(database: Path, tmp_path: Path):
    write(tmp_path / "in" / "session_1.json", published("positive"))
    write(tmp_path / "in" / "session_2.json", generated())
    async with workspace(database) as opened:
        first = await import_sessions(opened, tmp_path / "in", "old")
        stored = await ids(opened, "old")
        write(tmp_path / "in" / "cactus.json", [cactus(), cactus(attitude="negative")])
        second = await import_sessions(opened, tmp_path / "in", "old")
        assert (first.new, first.known) == (2, 0)
        assert (second.new, second.known) == (2, 2)
        assert stored < await ids(opened, "old")


async def test_broken_file_stays_out_whole_and_the_rest_comes_in(database: Path, tmp_path: Path):
    write(tmp_path / "in" / "a.json", [cactus(), cactus(dialogue="?")])
    write(tmp_path / "in" / "b.json", cactus())
    async with workspace(database) as opened:
        done = await import_sessions(opened, tmp_path / "in", "old")
        assert done.new == 1
        assert [str(problem.file.name) for problem in done.problems] == ["a.json"]
        assert len(await ids(opened, "old")) == 1


async def test_generated_run_takes_no_import(database: Path, tmp_path: Path):
    file = write(tmp_path / "session_1.json", published())
    async with workspace(database) as opened:
        await opened.store.runs.create(Run(name="ours", settings={"seed": 1}))
        with pytest.raises(RunSettingsError, match="run ours was started with other settings"):
            await import_sessions(opened, file, "ours")
        assert await ids(opened, "ours") == set()


async def test_exported_run_comes_back_equal_in_another_database(database: Path, tmp_path: Path):
    sessions = [played("s1", run="r"), played("s2", run="r")]
    async with workspace(database) as opened:
        await opened.store.runs.create(Run(name="r", settings={}))
        await opened.store.sessions.create_all(sessions)
        _, found = await find_sessions(opened, "r")
        export_sessions(found, "jsonl", tmp_path / "out")
        again = await import_sessions(opened, tmp_path / "out", "copy")
        assert again.new == 0
        assert "stored already, in run r" in str(again.problems[0])
        assert "--db" not in str(again.problems[0])
    async with workspace(tmp_path / "other.db") as opened:
        done = await import_sessions(opened, tmp_path / "out", "r")
        assert (done.new, done.problems) == (2, ())
        assert (await find_sessions(opened, "r"))[1] == sessions


async def test_unfinished_sessions_come_on_request(database: Path):
    async with workspace(database) as opened:
        await opened.store.runs.create(Run(name="r", settings={}))
        for name, status in (
            ("done", SessionStatus.FINISHED),
            ("begun", SessionStatus.RUNNING),
            ("broken", SessionStatus.FAILED),
            ("planned", SessionStatus.PENDING),
        ):
            await opened.store.sessions.create(played(name, run="r", status=status))
        _, found = await find_sessions(opened, "r")
        assert [session.id for session in found] == ["done"]
        _, found = await find_sessions(opened, "r", unfinished=True)
        assert {session.id for session in found} == {"done", "begun", "broken"}


async def test_name_is_a_run_or_a_session(database: Path):
    async with workspace(database) as opened:
        await opened.store.sessions.create(played("abc"))
        is_run, (session,) = await find_sessions(opened, "ab")
        assert (is_run, session.id) == (False, "abc")
        with pytest.raises(UnknownIdError, match=r"no run is named 'x'.*magnet list"):
            await find_sessions(opened, "x")


def test_flaws_leave_the_opening_pair_out():
    by_label = {measure.label: measure.share for measure in flaw_measures([played()])}
    assert by_label["counselor utterances that end with a question"] == 1.0
    assert by_label["client utterances equal to an earlier one"] == 0.0


def test_commands_take_data_in_and_give_it_out(
    magnet: Callable[..., tuple[int, str, str]], tmp_path: Path
):
    data = published("positive")
    write(tmp_path / "in" / "session_1.json", data)
    assert magnet("import", tmp_path / "in", "--run", "old")[:2] == (
        0,
        "run old: 1 sessions imported, 0 known\n",
    )
    assert "0 sessions imported, 1 known" in magnet("import", tmp_path / "in", "--run", "old")[1]

    code, output, _ = magnet("export", "old-0001")
    assert (code, json.loads(output)) == (0, data), "one session goes to standard output"
    code, _, errors = magnet("export", "old", "--format", "openai")
    assert (code, "--out FOLDER" in errors) == (2, True)

    code, output, _ = magnet("export", "old", "--out", tmp_path / "out", "--licence", "gpl-2.0")
    assert (code, "1 session in" in output) == (0, True)
    assert json.loads((tmp_path / "out" / "session_1.json").read_bytes()) == data
    card = (tmp_path / "out" / "README.md").read_text()
    assert "license: gpl-2.0" in card
    assert "## Flaws" in card


def test_commands_tell_what_is_wrong(magnet: Callable[..., tuple[int, str, str]], tmp_path: Path):
    write(tmp_path / "session_1.json", published(dialogue=None))
    code, output, errors = magnet("import", tmp_path / "session_1.json", "--run", "old")
    assert code == 1
    assert "session_1.json: dialogue: found None; expected a list" in errors
    assert "0 sessions imported, 0 known, 1 files left out" in output
    assert magnet("import", tmp_path / "nowhere", "--run", "old")[0] == 2
    assert magnet("export", "nobody")[0] == 2


def test_formats_are_listed_and_one_that_is_none_is_refused(
    magnet: Callable[..., tuple[int, str, str]],
):
    code, _, said = magnet("export", "r", "--format", "cactus")
    assert code == 2
    assert "there are magnet, jsonl, sharegpt, openai, parquet" in said
    _, out, _ = magnet("export", "--help")
    assert "parquet: a table, a row a session." in out
    _, out, _ = magnet("import", "--help")
    assert "magnet, jsonl, cactus" in " ".join(out.split())
