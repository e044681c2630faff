"""A PostgreSQL that is killed while sessions are played: restarted, or gone for good."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from magnet.models.fake.faults import FakeServerSettings
from magnet.models.fake.server import start_fake_server
from magnet.sessions.example_forms import example_folder
from tests.magnet.commands import Outcome, end, environment, start
from tests.magnet.endpoint import Endpoint
from tests.magnet.logs import requests

pytestmark = pytest.mark.slow

CONCURRENCY = 8


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL of this test's own."""

    programs: Path
    folder: Path
    port: int

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/postgres"

    def call(self, command: str) -> int:
        # Its output would hold the pipe of whoever waits for it open.
        called = ("su", "postgres", "-c", f"{self.programs}/{command}")
        return subprocess.run(
            called, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", check=False
        ).returncode

    def start(self) -> None:
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder}"
        for _ in range(40):  # what is left of a killed one may take a moment to end
            if (
                self.call(
                    f"pg_ctl -D {self.folder}/data -w -o '{options}' -l {self.folder}/log start"
                )
                == 0
            ):
                return
            time.sleep(0.25)
        raise AssertionError((self.folder / "log").read_text(encoding="utf-8"))

    def kill(self) -> None:
        pid = int((self.folder / "data" / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        os.kill(pid, signal.SIGKILL)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        engine = create_engine(self.url)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.execute(text(query))]
        finally:
            engine.dispose()


@pytest.fixture
def server() -> Iterator[Server]:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        pytest.skip("no PostgreSQL is installed under /usr/lib/postgresql")
    if os.geteuid() != 0 or shutil.which("su") is None:
        pytest.skip("starting a PostgreSQL as its own user takes root and su")
    folder = Path(tempfile.mkdtemp(prefix="magnet-postgres-"))
    shutil.chown(folder, "postgres")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = Server(found[-1].parent, folder, port)
    assert made.call(f"initdb -D {folder}/data -U postgres -A trust -N") == 0
    made.start()
    yield made
    made.call(f"pg_ctl -D {folder}/data -m immediate stop")
    shutil.rmtree(folder, ignore_errors=True)


def play(folder: Path, server: Server) -> subprocess.Popen[str]:
    command = ("generate", example_folder(), "--run", "hard", "--model", "ours:fake", "--turns", 8)
    command += ("--limit", 10, "--attitudes", "all", "--concurrency", CONCURRENCY)
    return start(folder, *command, env=environment(folder, MAGNET_DB=server.url))


def play_until(count: int, log: Path, folder: Path, server: Server) -> subprocess.Popen[str]:
    process = play(folder, server)
    while len(requests(log)) < count:
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    return process


def finish(process: subprocess.Popen[str]) -> tuple[Outcome, float]:
    began = time.monotonic()
    return end(process), time.monotonic() - began


def test_a_server_that_is_restarted_loses_no_answer(tmp_path: Path, server: Server) -> None:
    log = tmp_path / "requests.jsonl"
    with start_fake_server(
        FakeServerSettings.model_validate({"latency_ms": 20, "log": log})
    ) as url:
        Endpoint(url=url).declare(tmp_path)
        process = play_until(200, log, tmp_path, server)
        server.kill()
        time.sleep(3)
        server.start()
        stopped, took = finish(process)
        assert took < 60
        assert "Traceback" not in stopped.said, stopped.said
        answered = len(requests(log))
        [(kept,)] = server.rows("select count(*) from calls")
        # What was on its way when the locks were lost is let go; what was answered is kept.
        assert answered - int(str(kept)) <= 6 * CONCURRENCY
        again, _ = finish(play(tmp_path, server))
        assert again.code == 0, again.said
    [(calls,)] = server.rows("select count(*) from calls")
    assert server.rows("select status, count(*) from sessions group by 1") == [("finished", 30)]
    asked = requests(log)
    assert len(asked) - int(str(calls)) == answered - int(str(kept))


def test_a_server_that_is_gone_for_good_ends_the_run_soon(tmp_path: Path, server: Server) -> None:
    log = tmp_path / "requests.jsonl"
    with start_fake_server(
        FakeServerSettings.model_validate({"latency_ms": 20, "log": log})
    ) as url:
        Endpoint(url=url).declare(tmp_path)
        process = play_until(200, log, tmp_path, server)
        server.kill()
        stopped, took = finish(process)
        assert stopped.code == 1, stopped.said
        assert took < 60
        assert "Traceback" not in stopped.said
        assert "resume" in stopped.said
        refused, took = finish(play(tmp_path, server))
    assert refused.code == 1
    assert took < 30
    assert "Check that the database is there" in refused.said
