"""A run of many sessions: planned, played, resumed, never mixed with another."""

import time
from collections import Counter
from pathlib import Path

import pytest

from magnet.checkpoints import session_lock
from magnet.models.fake.faults import FakeServerSettings
from magnet.models.fake.server import start_fake_server
from magnet.sessions.example_forms import example_folder
from magnet.store import database_url
from tests.magnet.commands import Magnet, Outcome, call, magnet, start
from tests.magnet.endpoint import Endpoint, as_usual, endpoint, saying
from tests.magnet.logs import recorded, requests, rows

__all__ = ["magnet"]

METHODS = "magnet,magnet-c,magnet-t,magnet-c-t,cactus,psych8k,finetuned"
FORMS = str(example_folder())
RUN = ("generate", FORMS, "--run", "pilot", "--model", "fake", "--turns", 4)


def test_every_client_is_played_by_every_method(magnet: Magnet, tmp_path: Path) -> None:
    done = magnet(*RUN, "--methods", METHODS, "--limit", 2)
    assert done.code == 0, done.said
    by_method = Counter(row[0] for row in rows(tmp_path, "select method from sessions"))
    assert by_method == dict.fromkeys(METHODS.split(","), 2)
    assert {row[0] for row in rows(tmp_path, "select status from sessions")} == {"finished"}
    assert "cactus: 2 sessions finished" in done.said


def test_answers_kept_although_they_fail_a_check_are_counted(
    magnet: Magnet, tmp_path: Path
) -> None:
    with endpoint(
        lambda reply: saying("Yes.") if reply.agent == "client" else as_usual(reply)
    ) as ours:
        ours.declare(tmp_path)
        done = magnet(*RUN, "--model", "ours:m", "--limit", 2, "--turns", 6)
        lines = magnet("resume", "pilot", "--json").lines
    assert done.code == 0, done.said
    listed = magnet("list", "--json").json
    assert all(row["flagged"] > 0 for row in listed), listed
    count = sum(row["flagged"] for row in listed)
    assert f"flagged: {count} answers in 2 sessions" in done.said
    one = listed[0]
    assert magnet("show", one["session"], "--json").json["flagged"] == one["flagged"]
    assert f"flagged: {one['flagged']} answers" in magnet("show", one["session"]).said
    assert "flagged" in magnet("list").said
    assert {line["session"]: line["flagged"] for line in lines} == {
        row["session"]: row["flagged"] for row in listed
    }


def test_all_attitudes_make_a_session_each(magnet: Magnet, tmp_path: Path) -> None:
    assert magnet(*RUN, "--limit", 2, "--attitudes", "all").code == 0
    found = rows(tmp_path, "select client_name, attitude from sessions")
    assert len(set(found)) == len(found) == 6


def test_what_is_named_twice_is_made_once(magnet: Magnet, tmp_path: Path) -> None:
    twice = ("--methods", "psych8k,cactus,psych8k", "--attitudes", "neutral,neutral")
    assert magnet(*RUN, "--limit", 1, *twice).code == 0
    assert rows(tmp_path, "select count(*) from sessions") == [(2,)]
    once = ("--methods", "psych8k,cactus", "--attitudes", "neutral")
    assert magnet(*RUN, "--limit", 1, *once).code == 0


def test_the_same_command_again_plays_nothing_twice(magnet: Magnet, tmp_path: Path) -> None:
    magnet(*RUN, "--limit", 2)
    calls = rows(tmp_path, "select count(*) from calls")
    again = magnet(*RUN, "--limit", 2)
    assert again.code == 0
    assert rows(tmp_path, "select count(*) from calls") == calls


def test_a_run_resumed_as_json_is_a_line_for_each_session(magnet: Magnet) -> None:
    magnet(*RUN, "--limit", 2)
    resumed = magnet("resume", "pilot", "--json")
    assert resumed.code == 0
    assert len(resumed.lines) == 2
    assert {line["status"] for line in resumed.lines} == {"finished"}
    assert "run pilot: " in resumed.err


def test_a_run_does_not_go_on_with_other_settings(magnet: Magnet) -> None:
    magnet(*RUN, "--limit", 1)
    refused = magnet(*RUN, "--limit", 1, "--turns", 6)
    assert refused.code == 2
    assert "turns was 4, now 6" in refused.said


def test_a_dry_run_counts_and_stores_nothing(magnet: Magnet, tmp_path: Path) -> None:
    (tmp_path / "magnet.toml").write_text(
        "[prices.fake]\nprompt = 1.0\ncompletion = 2.0\n", encoding="utf-8"
    )
    told = magnet(*RUN, "--methods", "magnet,cactus", "--limit", 3, "--dry-run")
    assert told.code == 0
    # A plan, and eight calls in each of two exchanges; a plan, and two calls.
    assert str(3 * (1 + 2 * 8)) in told.said
    assert str(3 * (1 + 2 * 2)) in told.said
    assert "price unknown" not in told.said
    assert rows(tmp_path, "select count(*) from sessions") == [(0,)]


def test_an_unknown_price_is_no_cost(magnet: Magnet) -> None:
    told = magnet(*RUN, "--limit", 1, "--dry-run")
    assert "price unknown" in told.said
    assert "cost" not in magnet(*RUN, "--limit", 1).out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--attitudes", "cheerful"), "cheerful"),
        (("--methods", "magnit"), "did you mean magnet"),
        (("--turns", 5), "turns"),
    ],
)
def test_bad_use_is_named(magnet: Magnet, arguments: tuple[object, ...], named: str) -> None:
    told = magnet(*RUN, *arguments)
    assert told.code == 2
    assert named in told.said


BUSY = "pilot-magnet-0001-negative"
STATUS = f"select status from sessions where id = '{BUSY}'"


async def with_one_held(folder: Path) -> Outcome:
    """Generate two sessions while another process, this one, has the lock of the first."""
    async with session_lock(database_url(folder / "sessions.db"), BUSY):
        return call(folder, *RUN, "--attitudes", "negative", "--limit", 2)


@pytest.mark.slow
async def test_a_session_that_is_busy_is_left_and_the_others_go_on(tmp_path: Path) -> None:
    done = await with_one_held(tmp_path)
    assert done.code == 1
    assert f"left: {BUSY}: another process was playing it" in done.said
    assert "magnet: 1 sessions finished" in done.said
    assert "1 sessions left" in done.said
    assert rows(tmp_path, STATUS) == [("pending",)]
    assert call(tmp_path, *RUN, "--attitudes", "negative", "--limit", 2).code == 0
    assert rows(tmp_path, "select distinct status from sessions") == [("finished",)]


@pytest.mark.slow
async def test_resume_without_a_name_leaves_a_run_that_is_being_played(tmp_path: Path) -> None:
    await with_one_held(tmp_path)
    async with session_lock(database_url(tmp_path / "sessions.db"), "run pilot"):
        left = call(tmp_path, "resume")
    assert left.code == 1
    assert "run pilot is being played by another process" in left.said
    assert rows(tmp_path, STATUS) == [("pending",)]
    assert call(tmp_path, "resume").code == 0
    assert rows(tmp_path, STATUS) == [("finished",)]


@pytest.mark.slow
def test_a_run_survives_faults_and_kills(tmp_path: Path) -> None:
    """Ten clients in three attitudes by seven methods, 5% of the calls failing, five kills."""
    log = tmp_path / "requests.jsonl"
    settings = FakeServerSettings.model_validate(
        {"latency_ms": 5, "fail": 0.05, "hang_s": 3, "retry_after_s": 0.05, "log": log}
    )
    kills: list[tuple[int, Counter[int]]] = []
    with start_fake_server(settings) as url:
        Endpoint(url=url).declare(tmp_path, timeout=2)
        command = ("generate", FORMS, "--run", "hard", "--model", "ours:fake", "--turns", 4)
        command += ("--methods", METHODS, "--attitudes", "all", "--limit", 10)
        command += ("--concurrency", 64)
        for kill in range(1, 6):
            process = start(tmp_path, *command)
            while len(requests(log)) < kill * 400:
                assert process.poll() is None, "it ended before it could be killed"
                time.sleep(0.05)
            process.kill()
            process.communicate()
            kills.append((len(requests(log)), recorded(tmp_path)))
        for _ in range(3):  # a session may meet more faults than its retries bear
            last = call(tmp_path, *command)
            if last.code == 0:
                break
    assert last.code == 0, last.said
    assert rows(tmp_path, "select status, count(*) from sessions group by 1") == [("finished", 210)]
    repeated = "select 1 from calls group by session, exchange, node, attempt having count(*) > 1"
    assert rows(tmp_path, repeated) == []
    ended, asked = recorded(tmp_path), requests(log)
    for place, known in kills:
        assert known, "nothing was recorded before the kill"
        complete = {seed for seed, count in known.items() if count == ended[seed]}
        assert complete, "no call could be told from those of other methods"
        assert complete.isdisjoint(asked[place:])
