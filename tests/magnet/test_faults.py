"""What a session survives: kills, interruptions, a full disk, a server that fails.

A session on a server of the fake model is disturbed; in the end it must be what it would have been.
"""

import json
import random
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from magnet.models.fake.faults import Fault
from magnet.models.fake.server import FakeServerSettings, start_fake_server
from tests.magnet.commands import Outcome, call, end, played, start
from tests.magnet.endpoint import Endpoint

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="signals and limits are POSIX"),
]

RUN = ("run", "--model", "ours:fake", "--turns", 16, "--seed", 5, "--session", "abc")
RESUME = ("resume", "abc")
LATENCY_MS = 60
_PATIENCE = 60


@dataclass
class Place:
    """A folder with a database, and a server that its `magnet.toml` names."""

    folder: Path

    @property
    def log(self) -> Path:
        return self.folder / "requests.jsonl"

    @contextmanager
    def serving(self, **settings: Any) -> Generator[str]:
        """Serve the fake model to this folder, from a process of its own."""
        self.log.touch()
        given = {"latency_ms": LATENCY_MS, "log": self.log, **settings}
        with start_fake_server(FakeServerSettings.model_validate(given)) as url:
            (self.folder / "magnet.toml").unlink(missing_ok=True)
            Endpoint(url=url).declare(self.folder, timeout=10)
            yield url

    def call(self, *arguments: object, **options: Any) -> Outcome:
        return call(self.folder, *arguments, **options)

    def start(self, *arguments: object, **options: Any) -> Popen[str]:
        return start(self.folder, *arguments, **options)

    def requests(self) -> list[dict[str, Any]]:
        """The answered requests, in the order of their answers; half a line is none yet."""
        whole = self.log.read_text(encoding="utf-8").rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def wait_for_requests(self, count: int, process: Popen[str]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while len(self.requests()) < count and process.poll() is None:
            assert time.monotonic() < deadline, f"{len(self.requests())} of {count} requests"
            time.sleep(0.005)

    def logged(self) -> dict[tuple[int, str, int], int]:
        """The seeds of the calls in the database's log, by exchange, node and attempt."""
        query = "SELECT exchange, node, attempt, seed FROM calls"
        with sqlite3.connect(f"file:{self.folder / 'sessions.db'}?mode=ro", uri=True) as database:
            rows = database.execute(query).fetchall()
        database.close()
        assert len(rows) == len({row[:3] for row in rows})
        return {(exchange, node, attempt): seed for exchange, node, attempt, seed in rows}

    def asked_again(self, since: int, known: Mapping[tuple[int, str, int], int]) -> set[int]:
        """The seeds of these calls that were requested after the first `since` requests."""
        return {request["seed"] for request in self.requests()[since:]} & set(known.values())

    def played(self) -> Any:
        return played(json.loads(self.call("show", "abc", "--json").out))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@dataclass(frozen=True)
class Calm:
    """The session as nothing disturbed it."""

    played: Any
    logged: dict[tuple[int, str, int], int]


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Calm:
    place = Place(tmp_path_factory.mktemp("calm"))
    with place.serving(latency_ms=0):
        assert place.call(*RUN).code == 0
    calm = Calm(place.played(), place.logged())
    assert len(calm.played["utterances"]) == 18
    seeds = Counter(request["seed"] for request in place.requests())
    assert seeds == Counter(calm.logged.values())
    return calm


def assert_well(outcome: Outcome) -> None:
    assert outcome.code == 0, outcome.said
    assert "Traceback" not in outcome.err


def assert_failed_clearly(outcome: Outcome) -> None:
    assert outcome.code == 1, outcome.said
    assert "Traceback" not in outcome.err
    assert "error:" in outcome.err


# Kills


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_at_ten_moments(place: Place, calm: Calm, seed: int) -> None:
    moments = random.Random(seed)
    with place.serving():
        command, known, seen = RUN, dict[tuple[int, str, int], int](), 0
        for kill in range(10):
            process = place.start(*command)
            # The first answer at least: before it there may be no session to resume.
            place.wait_for_requests(seen + moments.randint(1, 2), process)
            time.sleep(moments.uniform(0, LATENCY_MS / 1000))
            assert process.poll() is None, f"ended before kill {kill}: {end(process).said}"
            process.kill()
            process.communicate()
            # The server may still be writing down what the killed process had asked.
            time.sleep(2 * LATENCY_MS / 1000)
            assert not place.asked_again(seen, known), f"before kill {kill}"
            known, seen = place.logged(), len(place.requests())
            assert known.items() <= calm.logged.items()
            command = RESUME
        assert_well(place.call(*RESUME))
        assert not place.asked_again(seen, known)
    assert place.played() == calm.played
    assert place.logged() == calm.logged


def test_killed_before_its_first_answer(place: Place, calm: Calm) -> None:
    with place.serving(latency_ms=400):
        process = place.start(*RUN)
        deadline = time.monotonic() + _PATIENCE
        while not (place.folder / "sessions.db.locks").exists():
            assert time.monotonic() < deadline
            time.sleep(0.005)
        process.kill()
        process.communicate()
        assert place.logged() == {}
    with place.serving(latency_ms=0):
        assert_well(place.call(*RESUME))
    assert place.played() == calm.played


def test_a_killed_resume_of_all(place: Place, calm: Calm) -> None:
    with place.serving():
        process = place.start(*RUN)
        place.wait_for_requests(10, process)
        process.kill()
        process.communicate()
        process = place.start("resume")
        place.wait_for_requests(20, process)
        process.kill()
        process.communicate()
        assert_well(place.call("resume"))
    assert place.played() == calm.played
    assert place.logged() == calm.logged


# Interruptions


@pytest.mark.parametrize("form", [(), ("--json",)], ids=["text", "json"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_drains_and_says_how_to_go_on(
    place: Place, calm: Calm, number: signal.Signals, form: tuple[str, ...]
) -> None:
    with place.serving():
        process = place.start(*RUN, *form)
        place.wait_for_requests(11, process)
        process.send_signal(number)
        interrupted = end(process)
        assert interrupted.code == 1
        assert "Traceback" not in interrupted.err
        # Drained: all that was asked has been answered and kept.
        seeds = Counter(request["seed"] for request in place.requests())
        assert seeds == Counter(place.logged().values())
        assert "magnet resume abc" in interrupted.said
        assert_well(place.call(*RESUME))
        assert Counter(r["seed"] for r in place.requests()) == Counter(calm.logged.values())
    assert place.played() == calm.played


def test_a_second_interrupt_stops_at_once(place: Place, calm: Calm) -> None:
    with place.serving(latency_ms=6000):
        process = place.start(*RUN)
        place.wait_for_requests(1, process)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        stopped = end(process)
    with sqlite3.connect(place.folder / "sessions.db") as database:
        # Who waits for the running step has its six answers too.
        assert database.execute("select count(*) from calls").fetchone() == (1,)
    assert stopped.code not in (0, 2)
    assert "Traceback" not in stopped.err, stopped.err
    assert "magnet resume abc" in stopped.said
    with place.serving(latency_ms=0):
        assert_well(place.call(*RESUME))
    assert place.played() == calm.played


def test_a_reader_that_leaves(place: Place, calm: Calm) -> None:
    with place.serving():
        process = place.start(*RUN, "--json")
        assert process.stdout and process.stderr
        assert json.loads(process.stdout.readline())
        process.stdout.close()
        said = process.stderr.read()
        assert process.wait(_PATIENCE) == 1
        assert "Traceback" not in said, said
        assert_well(place.call(*RESUME))
    assert place.played() == calm.played


# Two processes


def test_a_second_process_is_told_and_the_first_goes_on(place: Place, calm: Calm) -> None:
    with place.serving(latency_ms=1000):
        first = place.start(*RUN)
        place.wait_for_requests(1, first)
        for command, told in (
            (RESUME, "session abc: another process is running it"),
            (("resume",), "left: abc: another process is playing it"),
        ):
            second = place.call(*command)
            assert_failed_clearly(second)
            assert told in second.said
        assert first.poll() is None, "the first was to be still running"
        assert place.call("list", "--json").json[0]["status"] == "running"
        assert_well(end(first))
        assert Counter(r["seed"] for r in place.requests()) == Counter(calm.logged.values())
    assert place.played() == calm.played


def test_two_sessions_in_one_database(place: Place, calm: Calm) -> None:
    with place.serving():
        other = place.start(*RUN[:-1], "other")
        assert_well(place.call(*RUN))
        assert_well(end(other))
    assert place.played() == calm.played


# A full disk


def _file_limit(kilobytes: int) -> Callable[[], None]:
    def limit() -> None:
        import resource

        most = kilobytes * 1024
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))

    return limit


@pytest.mark.parametrize("kilobytes", [8, 64, 150, 250, 600])
def test_a_full_disk(place: Place, calm: Calm, kilobytes: int) -> None:
    """No file may grow beyond this size, to SQLite a disk that is full."""
    with place.serving(latency_ms=0):
        failed = place.call(*RUN, preexec_fn=_file_limit(kilobytes))
        assert_failed_clearly(failed)
        assert "error: database" in failed.err
        assert "sessions.db" in failed.said
        stored = place.call("list", "--json").json
        known = place.logged()
        before = len(place.requests())
        assert_well(place.call(*(RESUME if stored else RUN)))
        assert not place.asked_again(before, known)
    assert place.played() == calm.played
    assert place.logged() == calm.logged


# Servers that fail


FAULTS: dict[str, dict[Fault, float]] = {
    "refused": {Fault.RATE_LIMIT: 0.1, Fault.SERVER_ERROR: 0.05, Fault.BAD_GATEWAY: 0.05},
    "reset": {Fault.RESET: 0.2},
    "spoiled": {Fault.EMPTY: 0.1, Fault.TRUNCATED_JSON: 0.1},
    "malformed": {Fault.MALFORMED_BODY: 0.2},
    "hanging": {Fault.HANG: 0.05},
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_a_server_that_fails_now_and_then(
    place: Place, calm: Calm, faults: dict[Fault, float]
) -> None:
    settings = {"latency_ms": 5, "retry_after_s": 0.05, "hang_s": 0.5, "faults": faults}
    with place.serving(**settings):
        (place.folder / "magnet.toml").write_text(
            (place.folder / "magnet.toml").read_text().replace("retries = 0", "retries = 4")
        )
        assert_well(place.call(*RUN))
    met = Counter(request["fault"] for request in place.requests() if request["fault"])
    assert set(met) == {fault.value for fault in faults}
    found = place.played()
    assert len(found["utterances"]) == 18
    assert all(utterance["text"].strip() for utterance in found["utterances"])
    if not {Fault.EMPTY, Fault.TRUNCATED_JSON} & faults.keys():
        # What transport broke was asked again under its seed; nothing else has changed.
        assert found == calm.played
        assert place.logged() == calm.logged


@pytest.mark.timeout(600)
def test_a_server_that_is_killed_and_comes_back(place: Place, calm: Calm) -> None:
    with place.serving() as url:
        process = place.start(*RUN)
        place.wait_for_requests(12, process)
    known = place.logged()
    before = len(place.requests())
    time.sleep(1)
    with place.serving(port=int(url.split(":")[2].split("/")[0])):
        outcome = end(process)
        if outcome.code:
            assert_failed_clearly(outcome)
            assert_well(place.call(*RESUME))
        assert not place.asked_again(before, known)
    assert place.played() == calm.played
    assert place.logged() == calm.logged
