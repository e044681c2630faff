"""The `magnet` command as a user calls it, in a folder of its own and away from their settings."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from magnet.checkpoints import session_lock
from magnet.cli import main
from magnet.store.urls import database_url

_PROGRAM = (sys.executable, "-m", "magnet")
_PATIENCE = 120


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Both outputs on one line: the terminal's width does not matter."""
        return " ".join(f"{self.out} {self.err}".split())

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Of JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]


Magnet = Callable[..., Outcome]


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """The variables of a user who has set nothing but a database in this folder."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("MAGNET_", "OPENAI_")) and not name.endswith("_KEY")
    }
    return {**kept, "MAGNET_DB": str(folder / "sessions.db"), **variables}


@pytest.fixture
def magnet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Any) -> Magnet:
    """Runs a command in this process; what it does not explain to the user it raises here."""
    monkeypatch.chdir(tmp_path)
    for name in os.environ.keys() - environment(tmp_path).keys():
        monkeypatch.delenv(name)
    monkeypatch.setenv("MAGNET_DB", "sessions.db")

    def call(*arguments: object) -> Outcome:
        capfd.readouterr()
        monkeypatch.setattr(sys, "argv", ["magnet", *map(str, arguments)])
        with pytest.raises(SystemExit) as exited:
            main()
        printed = capfd.readouterr()
        return Outcome(exited.value.code or 0, printed.out, printed.err)

    return call


@contextmanager
def locked(folder: Path, name: str) -> Generator[None]:
    """Have a lock of the folder's database as another process would, while commands run here."""
    lock = session_lock(database_url(folder / "sessions.db"), name)
    with asyncio.Runner() as runner:
        runner.run(lock.__aenter__())
        try:
            yield
        finally:
            runner.run(lock.__aexit__(None, None, None))


def start(folder: Path, *arguments: object, **options: Any) -> subprocess.Popen[str]:
    """Start a command in a process of its own; `options` are those of `Popen`."""
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    command = (*_PROGRAM, *map(str, arguments))
    return subprocess.Popen(command, cwd=folder, **{"env": environment(folder), **piped, **options})


def end(process: subprocess.Popen[str]) -> Outcome:
    """Wait for a started command; one that hangs is killed and fails the test."""
    try:
        out, err = process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        out, err = process.communicate()
        pytest.fail(f"still running after {_PATIENCE} s; it said {out[-500:]!r} and {err[-500:]!r}")
    return Outcome(process.returncode, out, err)


def call(folder: Path, *arguments: object, **options: Any) -> Outcome:
    """Run a command in a process of its own, to its end."""
    return end(start(folder, *arguments, **options))


_MEASURED = {"seconds", "usage"}


def played(show: Any) -> Any:
    """What was said and drafted in a session of `show --json`, without times and token counts."""
    kept = ("client", "settings", "plan", "utterances", "exchanges", "status", "end_reason")
    return _without_measures({name: show[name] for name in kept})


def _without_measures(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_measures(v) for k, v in value.items() if k not in _MEASURED}
    return [_without_measures(one) for one in value] if isinstance(value, list) else value
