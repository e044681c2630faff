import json
import re
import shutil
import socket
import time
from collections import Counter
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest

from magnet.models.fake.reply import Reply
from tests.magnet.commands import Magnet, call, environment, locked, played
from tests.magnet.endpoint import Answer, Endpoint, as_usual, endpoint, refusing, saying
from tests.state.intake_samples import MINIMAL, seed, three, write

# Over a hundred commands: each is quick, all of them are not.
pytestmark = pytest.mark.slow

FAKE = ("--model", "fake")
SHORT = (*FAKE, "--turns", "4")
SPECIALISTS = {"reflection", "questioning", "solutions", "normalizing", "psycho-education"}
SECRET = "sk-a-secret-key"


def breaking(agent: str, *, at: int) -> Callable[[Reply], Answer]:
    """Usual answers until an agent's nth call, and refusals from then on."""
    calls: Counter[str] = Counter()

    def reply_to(reply: Reply) -> Answer:
        calls[reply.agent] += 1
        broken = reply.agent == agent and calls[agent] >= at
        return refusing(400, "no more") if broken else as_usual(reply)

    return reply_to


def test_the_version_is_that_of_the_package(magnet: Magnet) -> None:
    told = magnet("--version")
    assert (told.code, told.out) == (0, f"magnet {version('magnet-counseling')}\n")


# run


def test_run_streams_the_session_and_says_what_is_next(magnet: Magnet) -> None:
    run = magnet("run", *SHORT, "--session", "abc")
    assert run.code == 0
    assert "Session abc: Inês Carvalho, 34, positive · magnet · 4 turns · fake" in run.said
    assert "CBT technique:" in run.out
    assert run.out.count("techniques:") == 2
    heads = [line for line in run.out.splitlines() if line in ("Counselor", "Client")]
    assert heads == ["Counselor", "Client"] * 3
    assert "turn 4 of 4" in run.said
    assert "Session abc is finished, stored in sessions.db" in run.said
    assert "magnet show abc --candidates --db sessions.db" in run.said


def test_run_gives_each_node_as_a_json_line(magnet: Magnet) -> None:
    lines = magnet("run", *SHORT, "--json", "--session", "abc").lines
    nodes = [line["node"] for line in lines if "node" in line]
    assert nodes[0] == "planner"
    for exchange in (nodes[1:9], nodes[9:]):
        assert set(exchange[:6]) == {*SPECIALISTS, "selector"}
        assert exchange[6:] == ["fusion", "client"]
    said = [u["text"] for line in lines for u in line.get("utterances", ())]
    stored = magnet("show", "abc", "--json").json["utterances"]
    assert said == [utterance["text"] for utterance in stored[2:]]


def test_json_lines_tell_the_new_sessions_id(magnet: Magnet) -> None:
    lines = magnet("run", *SHORT, "--json").lines
    [stored] = magnet("list", "--json").json
    assert any(line.get("session") == stored["session"] for line in lines)


def test_same_seed_same_session_and_another_seed_another(magnet: Magnet) -> None:
    for name, number in (("a", 7), ("b", 7), ("c", 8)):
        assert magnet("run", *SHORT, "--session", name, "--seed", number).code == 0
    a, b, c = (played(magnet("show", name, "--json").json) for name in "abc")
    assert a == b
    assert a["utterances"] != c["utterances"]


def test_run_takes_a_client_of_a_file_by_number_and_attitude(
    magnet: Magnet, tmp_path: Path
) -> None:
    write(tmp_path / "seeds.json", [*three("Vera Stone"), *three("Rob Reed")])
    run = magnet("run", "seeds.json", "--client", 2, "--attitude", "negative", *SHORT)
    assert "Rob Reed, 41, negative" in run.said
    assert "I burn the bread, and I feel negative about it." in run.said
    by_name = magnet("run", "seeds.json", "--client", "vera", *SHORT)
    assert "Vera Stone, 41, positive" in by_name.said


def test_each_role_asks_its_own_endpoint(magnet: Magnet, tmp_path: Path) -> None:
    with endpoint() as everyone, endpoint() as clients:
        everyone.declare(tmp_path, "first")
        clients.declare(tmp_path, "second")
        models = ("--model", "first:m", "--model", "client=second:m")
        assert magnet("run", *models, "--turns", 4).code == 0
    assert set(clients.agents) == {"client"}
    assert set(everyone.agents) == {"planner", "selector", "fusion", *SPECIALISTS}


def test_a_model_for_all_on_the_command_line_stands_over_the_files_roles(
    magnet: Magnet, tmp_path: Path
) -> None:
    write(tmp_path / "magnet.toml", '[models]\nclient = "openai:never-asked"\n')
    run = magnet("run", *SHORT)
    assert run.code == 0, run.said


@pytest.mark.parametrize("value", ["", "none"])
def test_an_empty_session_name_takes_a_new_one(magnet: Magnet, value: str) -> None:
    assert magnet("run", *SHORT, "--session", value).code == 0
    assert magnet("run", *SHORT, "--session", "other").code == 0
    assert len({row["session"] for row in magnet("list", "--json").json}) == 2


# resume


def test_a_broken_off_session_is_resumed_to_the_same_end(magnet: Magnet, tmp_path: Path) -> None:
    with endpoint(breaking("fusion", at=2)) as ours:
        ours.declare(tmp_path)
        failed = magnet("run", "--model", "ours:m", "--turns", 6, "--session", "abc")
        assert failed.code == 1
        assert "refused the call" in failed.said
        [row] = magnet("list", "--json").json
        assert row["status"] == "failed"
        assert "no more" in row["error"]
        assert "no more" in magnet("show", "abc").said
        asked = len(ours.agents)
        ours.answer = as_usual
        resumed = magnet("resume", "ab")
        assert resumed.code == 0
        assert "Session abc is finished" in resumed.said
        assert ours.agents[asked] == "fusion"
        assert magnet("resume", "abc").code == 0
        broken_off = magnet("show", "abc", "--json").json
        assert broken_off["error"] is None
        magnet("run", "--model", "ours:m", "--turns", 6, "--session", "whole")
        assert played(broken_off) == played(magnet("show", "whole", "--json").json)


def test_a_failed_run_says_how_to_go_on(magnet: Magnet, tmp_path: Path) -> None:
    with endpoint(breaking("fusion", at=1)) as ours:
        ours.declare(tmp_path)
        for form in ((), ("--json",)):
            failed = magnet("run", "--model", "ours:m", "--session", f"abc{len(form)}", *form)
            assert f"magnet resume abc{len(form)}" in failed.said


def test_resume_without_a_name_goes_on_with_all(magnet: Magnet, tmp_path: Path) -> None:
    assert "Nothing is unfinished." in magnet("resume").out
    with endpoint(breaking("client", at=1)) as ours:
        ours.declare(tmp_path)
        for name in ("one", "two"):
            assert magnet("run", "--model", "ours:m", "--turns", 2, "--session", name).code == 1
        ours.answer = as_usual
        resumed = magnet("resume")
        assert resumed.code == 0
        assert resumed.out.splitlines() == ["session one: finished", "session two: finished"]
    assert {row["status"] for row in magnet("list", "--json").json} == {"finished"}


def test_resume_goes_on_with_the_others_when_one_fails(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAGNET_DB", "talks [old].db")
    with endpoint(breaking("client", at=1)) as bad, endpoint(breaking("client", at=1)) as good:
        bad.declare(tmp_path, "bad")
        good.declare(tmp_path, "good")
        for name in ("bad", "good"):
            magnet("run", "--model", f"{name}:m", "--turns", 2, "--session", name)
        good.answer = as_usual
        resumed = magnet("resume", "--json")
        assert resumed.code == 1
        assert resumed.lines == [{"session": "good", "status": "finished"}]
        assert resumed.err.count("failing: bad: ") == 1
        assert "1 sessions left. Go on: magnet resume --db 'talks [old].db'" in resumed.said
    rows = magnet("list", "--json").json
    assert {row["session"]: row["status"] for row in rows} == {"bad": "failed", "good": "finished"}


def test_resume_names_a_busy_session_once(magnet: Magnet, tmp_path: Path) -> None:
    assert magnet("run", *SHORT, "--session", "abc", "--stop-at", "client").code == 0
    with locked(tmp_path, "abc"):
        resumed = magnet("resume")
    assert resumed.code == 1
    assert resumed.said.count("abc") == 1
    assert "left: abc: another process is playing it" in resumed.said


def test_resume_prints_nothing_but_json_where_json_is_asked_for(
    magnet: Magnet, tmp_path: Path
) -> None:
    assert isinstance(magnet("resume", "--json").lines, list)
    magnet("run", *SHORT, "--session", "abc")
    assert isinstance(magnet("resume", "abc", "--json").lines, list)


def test_a_session_imported_on_its_way_is_shown_and_never_played(magnet: Magnet) -> None:
    Path("none.txt").touch()
    stop = ("--stop-at", "client", "--stop-when", "turn == 3")
    assert magnet("run", "--model", "fake", "--session", "abc", *stop).code == 0
    assert magnet("export", "abc", "--format", "jsonl", "--out", "out").code == 0
    said = magnet("show", "abc", "--json").json["utterances"]
    assert len(said) > 2
    other = ("--db", "other.db")
    assert magnet("import", "out", "--run", "copy", *other).code == 0
    assert magnet("show", "abc", "--json", *other).json["utterances"] == said

    step = ("step", "abc", "--commands", "none.txt")
    for command in (("resume", "abc"), ("resume", "copy"), step):
        refused = magnet(*command, *other)
        assert refused.code == 2
        assert "run copy is imported" in refused.said
    assert "Nothing is unfinished." in magnet("resume", *other).out
    assert magnet("show", "abc", "--json", *other).json["utterances"] == said


@pytest.mark.parametrize(
    "flags",
    [("--layout", "paper"), ("--no-checks",), ("--log-calls", "full"), ()],
    ids=lambda flags: " ".join(flags) or "defaults",
)
def test_a_resumed_session_keeps_to_what_it_began_with(
    magnet: Magnet, tmp_path: Path, flags: tuple[str, ...]
) -> None:
    with endpoint() as ours:
        ours.declare(tmp_path)
        begin = ("run", "--model", "ours:m", "--turns", 4, *flags)
        magnet(*begin, "--session", "whole")
        ours.answer = breaking("fusion", at=1)
        assert magnet(*begin, "--session", "broken").code == 1
        ours.answer = as_usual
        resumed = magnet("resume", "broken")
        assert resumed.code == 0, resumed.said
    whole, broken = (magnet("show", name, "--prompts") for name in ("whole", "broken"))
    assert whole.out.count("not kept") == broken.out.count("not kept")


def test_a_session_begun_without_checks_is_resumed_without_checks(
    magnet: Magnet, tmp_path: Path
) -> None:
    def labelled(reply: Reply) -> Answer:
        return saying("Client: Well, no.") if reply.agent == "client" else as_usual(reply)

    with endpoint(breaking("fusion", at=1)) as ours:
        ours.declare(tmp_path)
        flags = ("--no-checks", "--turns", 2, "--session", "abc")
        assert magnet("run", "--model", "ours:m", *flags).code == 1
        ours.answer = labelled
        assert magnet("resume", "abc").code == 0
    assert magnet("show", "abc", "--json").json["utterances"][-1]["text"] == "Client: Well, no."


def test_another_model_for_one_role_leaves_the_others_as_they_began(
    magnet: Magnet, tmp_path: Path
) -> None:
    write(tmp_path / "magnet.toml", 'model = "openai:never-asked"\n')
    with endpoint(breaking("client", at=1)) as ours:
        ours.declare(tmp_path)
        assert magnet("run", "--model", "ours:m", "--turns", 4, "--session", "abc").code == 1
        asked = Counter(ours.agents)["client"]
        ours.answer = as_usual
        resumed = magnet("resume", "abc", "--model", "client=fake")
        assert resumed.code == 0, resumed.said
        assert Counter(ours.agents)["client"] == asked
        assert Counter(ours.agents)["fusion"] == 2


# list and show


def test_list_shows_what_there_is(magnet: Magnet) -> None:
    assert "No sessions yet" in magnet("list").out
    assert magnet("list", "--json").json == []
    for name in ("abc", "abd"):
        magnet("run", *SHORT, "--session", name)
    assert [row["session"] for row in magnet("list", "--json").json] == ["abd", "abc"]
    [row] = magnet("list", "--limit", 1, "--json").json
    assert (row["client"], row["method"], row["status"]) == ("Inês Carvalho", "magnet", "finished")
    assert row["calls"] >= 17
    assert row["usage"]["prompt"] > row["usage"]["completion"] > 0
    table = magnet("list").out
    assert "abc" in table
    assert "abd" in table


@pytest.mark.parametrize("width", [400, 80, 12])
def test_list_fits_its_terminal_and_cuts_no_name(
    magnet: Magnet, tmp_path: Path, width: int
) -> None:
    names = ("pilot-magnet-plus-0001-positive", "short")
    for name in names:
        magnet("run", *SHORT, "--session", name)
    # In a process of its own, which finds out its terminal's width when it starts. Of a dumb one no
    # width is known.
    terminal = environment(
        tmp_path, TTY_COMPATIBLE="1", TERM="xterm", NO_COLOR="1", COLUMNS=str(width)
    )
    listed = call(tmp_path, "list", env=terminal).out
    lines = [re.sub(r"\x1b\[\d*m", "", line) for line in listed.splitlines()]
    assert all(len(line) <= width for line in lines)
    if width > len(names[0]):
        assert {line.split()[0] for line in lines} == {"session", *names}
    else:
        assert names[0] in "".join(line.strip() for line in lines)
    assert ("tokens in / out" in lines[0]) == (width == 400)


def test_a_runs_name_in_place_of_a_sessions(magnet: Magnet, tmp_path: Path) -> None:
    write(tmp_path / "seeds.json", [*three("Vera Stone"), *three("Rob Reed")])
    for run, turns in (("pilot", 2), ("second", 2)):
        assert magnet("generate", "seeds.json", "--run", run, *FAKE, "--turns", turns).code == 0
    for command in (("show", "pilot"), ("history", "pilot"), ("fork", "pilot")):
        refused = magnet(*command)
        assert refused.code == 2
        assert "pilot is a run, and no session. 'magnet list --run pilot'" in refused.said
    listed = magnet("list", "--run", "pilot", "--json").json
    assert {row["run"] for row in listed} == {"pilot"}
    assert magnet("list", "--run", "third").code == 2


def test_show_prints_plan_candidates_and_choice(magnet: Magnet) -> None:
    magnet("run", *SHORT, "--session", "abc")
    whole = magnet("show", "abc", "--json").json
    shown = magnet("show", "abc", "--candidates")
    assert whole["plan"]["plan"]["technique"] in shown.said
    for exchange in whole["exchanges"]:
        assert {c["technique"] for c in exchange["candidates"]} == SPECIALISTS
        for text in (c["text"] for c in exchange["candidates"]):
            assert text in shown.said
        for techniques in exchange["selection"]["techniques"]:
            assert techniques in SPECIALISTS
    assert shown.out.count("chosen") == sum(
        len(exchange["selection"]["techniques"]) for exchange in whole["exchanges"]
    )
    plain = magnet("show", "abc")
    for utterance in whole["utterances"]:
        assert utterance["text"] in plain.said
    assert "chosen" not in plain.out


def test_show_turn_prints_its_exchange_alone(magnet: Magnet) -> None:
    magnet("run", *SHORT, "--session", "abc")
    texts = [u["text"] for u in magnet("show", "abc", "--json").json["utterances"]]
    for turn in (3, 4):
        shown = magnet("show", "abc", "--turn", turn).said
        assert all(text in shown for text in texts[4:])
        assert not any(text in shown for text in texts[:4])
    first = magnet("show", "abc", "--turn", 1, "--json").json
    assert [exchange["index"] for exchange in first["exchanges"]] == [1]
    assert [said["text"] for said in first["utterances"]] == texts[2:4]
    for turn in (0, 5):
        assert magnet("show", "abc", "--turn", turn).code == 2


def test_show_prompts_prints_what_the_log_has_kept(magnet: Magnet) -> None:
    magnet("run", *SHORT, "--session", "texts")
    magnet("run", *SHORT, "--session", "full", "--log-calls", "full")
    kept = magnet("show", "full", "--prompts").out
    calls = next(row for row in magnet("list", "--json").json if row["session"] == "full")["calls"]
    assert kept.count("seed ") - 1 == calls
    assert "system:" in kept
    assert "not kept" not in kept
    assert "not kept" in magnet("show", "texts", "--prompts").out


# graph


@pytest.mark.parametrize(
    ("method", "there", "absent"),
    [
        ("magnet", {"planner", "selector", "fusion", "client", *SPECIALISTS}, {"counselor"}),
        ("magnet-c-t", {"fusion", "client", *SPECIALISTS}, {"planner", "selector"}),
        ("cactus", {"planner", "counselor", "client"}, {"fusion", *SPECIALISTS}),
    ],
)
def test_graph_draws_a_methods_agents(
    magnet: Magnet, tmp_path: Path, method: str, there: set[str], absent: set[str]
) -> None:
    for form in ("mermaid", "ascii"):
        drawn = magnet("graph", "--method", method, "--format", form).out
        assert all(agent in drawn for agent in there)
        assert not any(agent in drawn for agent in absent)
    drawing = magnet("graph", "--method", method, "--format", "svg").out
    assert ElementTree.fromstring(drawing).tag.endswith("svg")
    assert magnet("graph", "--method", method, "--format", "png", "--out", "g.png").out == ""
    assert (tmp_path / "g.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


# export


def test_export_of_a_full_session_is_in_the_authors_format(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "seeds.json", three("Vera Stone"))
    monkeypatch.setenv("MAGNET_MIN_TURNS", "40")
    magnet("run", "seeds.json", "--attitude", "negative", *FAKE, "--session", "abc")
    exported = magnet("export", "abc").json
    assert list(exported) == [
        "AI_client",
        "AI_counselor",
        "cbt_technique",
        "cbt_plan",
        "dialogue",
    ]
    given = seed("Vera Stone", "negative")
    assert exported["AI_client"] == given["AI_client"]
    assert exported["AI_counselor"] == given["AI_counselor"]
    assert [line["role"] for line in exported["dialogue"]] == ["counselor", "client"] * 21
    assert all(line["message"].strip() for line in exported["dialogue"])
    assert exported["dialogue"][0]["message"] == "Hello, what brings you here?"
    assert exported["cbt_technique"] in exported["cbt_plan"]
    assert magnet("export", "abc", "--out", "abc.json").out == ""
    assert json.loads((tmp_path / "abc.json").read_text(encoding="utf-8")) == exported


def test_export_of_an_attitude_that_the_seed_has_not_says_so(
    magnet: Magnet, tmp_path: Path
) -> None:
    write(tmp_path / "seeds.json", [seed("Vera Stone", "neutral")])
    magnet("run", "seeds.json", "--attitude", "positive", *SHORT, "--session", "abc")
    assert magnet("export", "abc").json["AI_client"]["attitude"] == "positive"


def test_export_of_an_unfinished_session_goes_as_far_as_it_is(
    magnet: Magnet, tmp_path: Path
) -> None:
    with endpoint(breaking("fusion", at=2)) as ours:
        ours.declare(tmp_path)
        magnet("run", "--model", "ours:m", "--turns", 6, "--session", "abc")
    exported = magnet("export", "abc")
    assert "not finished" in exported.err
    assert len(exported.json["dialogue"]) == 4


# doctor


def test_doctor_finds_all_well(magnet: Magnet) -> None:
    doctor = magnet("doctor", *FAKE)
    assert doctor.code == 0
    assert "langgraph" in doctor.out
    assert "sessions.db" in doctor.out
    assert all(finding["good"] for finding in magnet("doctor", *FAKE, "--json").json)


def test_doctor_names_what_is_missing_and_the_remedy(magnet: Magnet, tmp_path: Path) -> None:
    with endpoint() as ours:
        ours.declare(tmp_path)
        assert magnet("doctor", "--model", "ours:m").code == 0
        other = magnet("doctor", "--model", "ours:another")
        assert other.code == 1
        assert "it serves ['m']" in other.said
    gone = magnet("doctor", "--model", "client=ours:m", "--model", "fake")
    assert gone.code == 1
    assert "does not answer" in gone.said
    assert magnet("doctor", "--model", "openai:gpt").said.count("OPENAI_API_KEY") == 1
    write(tmp_path / "no.db", "no database" * 50)
    assert "not a database" in magnet("doctor", *FAKE, "--db", "no.db").said


def test_doctor_sees_whether_the_embedded_model_can_be_fetched(
    magnet: Magnet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def embedded() -> tuple[bool, str]:
        [finding] = [f for f in magnet("doctor", "--json").json if "embedded" in f["what"]]
        return finding["good"], finding["found"]

    cache = tmp_path / "cache"
    monkeypatch.setenv("MAGNET_CACHE_DIR", str(cache))
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**11))
    assert embedded() == (True, f"not fetched yet; the first run does it, into {cache / 'models'}")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10**6))
    good, found = embedded()
    assert not good
    assert "only 0.00 GB are free" in found
    monkeypatch.setenv("MAGNET_CACHE_DIR", str(write(tmp_path / "a-file", "")))
    good, found = embedded()
    assert not good
    assert f"cannot be stored in {tmp_path / 'a-file' / 'models'}" in found
    assert "MAGNET_CACHE_DIR" in found


# Bad use: exit code 2, a message, nothing stored.

BAD_USE: dict[str, tuple[tuple[object, ...], str]] = {
    "bad JSON": (("run", "bad.json", *SHORT), "bad.json: line 1 column 15: found"),
    "missing field": (("run", "lacking.json", *SHORT), "reason: found nothing; expected a value"),
    "wrong attitude in the file": (("run", "odd.json", *SHORT), "found 'sad'; expected 'positive'"),
    "no such file": (("run", "none.json", *SHORT), "none.json: found no such file"),
    "wrong attitude": (("run", "--attitude", "sad", *SHORT), "'sad' is not one of 'positive'"),
    "unknown client number": (
        ("run", "good.json", "--client", 7, *SHORT),
        "client '7': found no such client; expected a number from 1 to 1",
    ),
    "unknown method": (("run", "--method", "magnt", *SHORT), "did you mean magnet?"),
    "odd turns": (("run", *FAKE, "--turns", 5), "turns: Input should be a multiple of 2, found 5"),
    "no turns": (("run", *FAKE, "--turns", 0), "turns: Input should be greater than"),
    "turns in words": (("run", *FAKE, "--turns", "ten"), "'--turns'"),
    "negative seed": (("run", *SHORT, "--seed", -1), "'--seed'"),
    "a seed beyond 64 bits": (("run", *SHORT, "--seed", 2**70), "seed"),
    "unknown role": (("run", "--model", "therapist=fake"), "planner, specialist, selector"),
    "unknown provider": (("run", "--model", "nobody:m"), "[providers.nobody]"),
    "a provider without a model": (("run", "--model", "vllm"), "expected embedded"),
    "missing key variable": (("run", "--model", "openai:gpt"), "OPENAI_API_KEY"),
    "unknown layout": (("run", *SHORT, "--layout", "mine"), "layout: Input should be"),
    "unknown log": (("run", *SHORT, "--log-calls", "some"), "log_calls: Input should be"),
    "unknown option": (("run", "--nonsense"), "--nonsense"),
    "a session that is there": (("run", *SHORT, "--session", "abc1"), "abc1"),
    "unknown session": (("show", "zzz"), "no session has the id 'zzz'. 'magnet list'"),
    "unknown session to resume": (("resume", "zzz"), "'zzz'"),
    "unknown session to export": (("export", "zzz"), "'zzz'"),
    "ambiguous session": (("show", "abc"), "2 sessions have ids that start with abc: abc1, abc2"),
    "unknown format": (("graph", "--format", "pdf"), "'mermaid'"),
    "unknown method to draw": (("graph", "--method", "x"), "there are magnet, magnet-c"),
    "unknown command": (("play",), "play"),
    "export into no folder": (("export", "abc1", "--out", "no/such/a.json"), "no/such"),
    "export over a folder": (("export", "abc1", "--out", "."), "."),
    "a drawing into no folder": (("graph", "--out", "no/such/a.txt"), "no/such"),
}


@pytest.fixture(scope="module")
def two_sessions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the sessions abc1 and abc2."""
    folder = tmp_path_factory.mktemp("two")
    for name in ("abc1", "abc2"):
        made = call(folder, "run", *FAKE, "--turns", 2, "--session", name)
        assert made.code == 0, made.said
    return folder / "sessions.db"


@pytest.mark.parametrize(("arguments", "message"), BAD_USE.values(), ids=BAD_USE)
def test_bad_use(
    magnet: Magnet,
    tmp_path: Path,
    two_sessions: Path,
    arguments: tuple[object, ...],
    message: str,
) -> None:
    shutil.copy(two_sessions, tmp_path)
    write(tmp_path / "bad.json", '{"name": "Ana",')
    write(tmp_path / "lacking.json", {k: v for k, v in MINIMAL.items() if k != "reason"})
    write(tmp_path / "odd.json", seed(attitude="sad"))
    write(tmp_path / "good.json", MINIMAL)
    before = magnet("list", "--json").json
    refused = magnet(*arguments)
    assert message in refused.said
    assert refused.code == 2
    assert "UNIQUE" not in refused.said
    assert magnet("list", "--json").json == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("turns = \n", "magnet.toml: cannot be read as TOML: Invalid value (at line 1, column 9)"),
        ("turns = 7", "turns: Input should be a multiple of 2, found 7"),
        ("turn = 8", "turn: there is no such setting"),
        ("[models]\njury = 'fake'", "jury"),
        ("[providers.mine]\ntimeout = 3", "providers.mine.base_url: Field required"),
        ("[sampling.client]\ntemperature = 3", "sampling.client.temperature"),
        ('methods_file = "none.toml"', "none.toml: cannot be read"),
        ('prompts_dir = "nowhere"', "nowhere"),
    ],
)
def test_a_broken_settings_file(magnet: Magnet, tmp_path: Path, content: str, message: str) -> None:
    write(tmp_path / "magnet.toml", content)
    refused = magnet("run", *FAKE)
    assert message in refused.said
    assert refused.code == 2


def test_a_broken_variable_is_not_blamed_on_the_file(
    magnet: Magnet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAGNET_MODELS", "nonsense")
    refused = magnet("list")
    assert refused.code == 2
    assert "MAGNET_MODELS" in refused.said


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("MAGNET_SAMPLNG", "MAGNET_SAMPLING"),
        ("MAGNET_SAMPLNG__CLIENT__TEMPERATURE", "MAGNET_SAMPLING"),
        ("MAGNET_MODEL__CLIENT", "MAGNET_MODEL"),
        ("MAGNET_CACHEDIR", "MAGNET_CACHE_DIR"),
    ],
)
def test_a_mistyped_variable_is_named_with_the_nearest(
    magnet: Magnet, monkeypatch: pytest.MonkeyPatch, variable: str, nearest: str
) -> None:
    monkeypatch.setenv(variable, SECRET)
    refused = magnet("list")
    assert refused.code == 2
    assert refused.said.endswith(f"{variable}: there is no such setting; expected {nearest}")


@pytest.mark.parametrize(
    "variable",
    [
        "MAGNET_SERVICE_HOST",
        "MAGNET_SERVICE_PORT_HTTP",
        "MAGNET_PORT",
        "MAGNET_PORT_8765_TCP",
        "MAGNET_PORT_8765_TCP_ADDR",
    ],
)
def test_what_a_container_is_told_of_a_service_is_no_setting(
    magnet: Magnet, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "tcp://10.0.0.11:8765")
    assert magnet("list").code == 0


@pytest.mark.parametrize(
    ("agents", "named"),
    [
        ('fusion = "fusion-plus"\nspecialists = ["reflection"]', "fusion: its prompt"),
        ('counselor = "counselor-cactus"', "counselor: its prompt 'counselor-cactus' shows plan"),
        ('counselor = "counselor-psych8k"\nclient = "client-plus"', "has no director"),
        ('counselor = "counselor-psych9k"', "no prompt is named"),
    ],
)
def test_a_method_that_could_not_be_played_is_refused_at_once(
    magnet: Magnet, tmp_path: Path, agents: str, named: str
) -> None:
    write(tmp_path / "magnet.toml", 'methods_file = "own.toml"')
    write(tmp_path / "own.toml", f"[own]\n{agents}")
    refused = magnet("run", *SHORT, "--method", "own")
    assert refused.code == 2
    assert named in refused.said
    assert magnet("list", "--json").json == []


def test_variables_that_are_known_are_taken(
    magnet: Magnet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MAGNET_MODELS__CLIENT", "fake")
    monkeypatch.setenv("MAGNET_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("magnet_turns", "4")
    assert magnet("list").code == 0


@pytest.mark.parametrize("where", [".", "", ":memory:", "mysql://me:secret@host/x", "no.db"])
def test_a_database_that_cannot_be_used(magnet: Magnet, tmp_path: Path, where: str) -> None:
    write(tmp_path / "no.db", "no database" * 50)
    refused = magnet("run", *SHORT, "--db", where)
    assert refused.code in (1, 2)
    assert "error: database" in refused.said
    assert "secret" not in refused.said


def test_a_database_that_cannot_be_used_leaves_no_traceback_at_exit(tmp_path: Path) -> None:
    refused = call(tmp_path, "list", "--db", tmp_path)
    assert refused.code == 1
    assert "it is a folder" in refused.said
    assert "Traceback" not in refused.err


# Endpoints that do not answer, or not as they should


def _silent() -> socket.socket:
    return socket.create_server(("127.0.0.1", 0))


def test_an_endpoint_that_is_not_there_shows_at_once(magnet: Magnet, tmp_path: Path) -> None:
    with _silent() as there:
        port = there.getsockname()[1]
    Endpoint(url=f"http://127.0.0.1:{port}/v1").declare(tmp_path)
    began = time.monotonic()
    refused = magnet("run", "--model", "ours:m")
    assert time.monotonic() - began < 5
    assert refused.code == 1
    assert f"http://127.0.0.1:{port}/v1 does not answer" in refused.said
    assert "[providers.ours] in magnet.toml" in refused.said
    assert magnet("list", "--json").json == []


def test_an_endpoint_that_never_answers_shows_within_seconds(
    magnet: Magnet, tmp_path: Path
) -> None:
    with _silent() as mute:
        Endpoint(url=f"http://127.0.0.1:{mute.getsockname()[1]}/v1").declare(tmp_path)
        began = time.monotonic()
        refused = magnet("run", "--model", "ours:m")
        assert time.monotonic() - began < 15
    assert refused.code == 1
    assert "does not answer" in refused.said


@pytest.mark.parametrize("url", ["nonsense", "http://[bad/v1", "http://127.0.0.1:99999/v1", ""])
def test_an_address_that_is_none(magnet: Magnet, tmp_path: Path, url: str) -> None:
    Endpoint(url=url).declare(tmp_path)
    for command in ("run", "doctor"):
        refused = magnet(command, "--model", "ours:m")
        assert refused.code in (1, 2)
        assert "[providers.ours]" in refused.said


ODD_ANSWERS: dict[str, Answer] = {
    "half a character": saying("I see \ud83d"),
    "a NUL character": saying("I see\0 you"),
    "no text": saying(None),
    "no choices": (200, b'{"choices": []}'),
    "an error with status 200": refusing(200, "upstream broke"),
    "a list": (200, b"[1]"),
    "HTML": (200, b"<html>hello</html>"),
    "half a body": (200, b'{"id": "1", "obje'),
}


@pytest.mark.parametrize("answer", ODD_ANSWERS.values(), ids=ODD_ANSWERS)
def test_one_odd_answer_costs_no_session(magnet: Magnet, tmp_path: Path, answer: Answer) -> None:
    odd = [answer]

    def once(reply: Reply) -> Answer:
        return odd.pop() if odd and reply.agent == "client" else as_usual(reply)

    with endpoint(once) as ours:
        ours.declare(tmp_path)
        assert magnet("run", "--model", "ours:m", "--turns", 4, "--session", "abc").code == 0
    for utterance in magnet("show", "abc", "--json").json["utterances"]:
        assert utterance["text"].strip()
        assert "\0" not in utterance["text"]


def test_an_endpoint_without_usage_will_do(magnet: Magnet, tmp_path: Path) -> None:
    with endpoint(lambda reply: saying(reply.text)) as ours:
        ours.declare(tmp_path)
        assert magnet("run", "--model", "ours:m", "--turns", 4, "--session", "abc").code == 0
    assert magnet("list", "--json").json[0]["usage"]["prompt"] == 0


# Keys


def _stored(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("*.db*") if path.is_file())


def test_a_key_reaches_its_endpoint_and_nothing_else(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUR_KEY", SECRET)
    with endpoint() as ours:
        ours.declare(tmp_path, key_variable="OUR_KEY")
        run = magnet("run", "--model", "ours:m", "--turns", 4, "--log-calls", "full")
    assert run.code == 0
    assert ours.keys == {f"Bearer {SECRET}"}
    assert b"SQLite format 3" in _stored(tmp_path)
    assert SECRET.encode() not in _stored(tmp_path)
    assert SECRET not in run.said


def test_a_key_that_the_endpoint_repeats_is_neither_shown_nor_stored(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUR_KEY", SECRET)
    with endpoint(lambda _: refusing(401, f"Incorrect API key provided: {SECRET}")) as ours:
        ours.declare(tmp_path, key_variable="OUR_KEY")
        refused = magnet("run", "--model", "ours:m", "--turns", 4)
    assert refused.code == 1
    assert SECRET not in refused.said
    assert SECRET.encode() not in _stored(tmp_path)


@pytest.mark.parametrize("key", [f"{SECRET}\n", f"{SECRET}é"], ids=["line break", "accent"])
def test_a_key_that_no_header_can_carry(
    magnet: Magnet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("OUR_KEY", key)
    with endpoint() as ours:
        ours.declare(tmp_path, key_variable="OUR_KEY")
        refused = magnet("run", "--model", "ours:m", "--turns", 2)
    assert SECRET not in refused.said
    # Either it is used without its line break, or the variable is named.
    assert refused.code == 0 or "OUR_KEY" in refused.said


def test_a_key_in_the_settings_file_is_refused_without_showing_it(
    magnet: Magnet, tmp_path: Path
) -> None:
    Endpoint(url="http://127.0.0.1:1/v1").declare(tmp_path, api_key=SECRET)
    refused = magnet("list")
    assert refused.code == 2
    assert "providers.ours.api_key" in refused.said
    assert SECRET not in refused.said


# What users write is text, never markup or a path that the terminal breaks


@pytest.mark.parametrize("name", ["[/x]", "[bold]x", "a b/c", "é", "--"])
def test_any_session_id_will_do(magnet: Magnet, name: str) -> None:
    run = magnet("run", *FAKE, "--turns", 2, f"--session={name}")
    assert run.code == 0
    assert f"Session {name}:" in run.said
    assert name in magnet("list").said
    assert f"Session {name}:" in magnet("show", "--", name).said


def test_any_client_name_will_do(magnet: Magnet, tmp_path: Path) -> None:
    write(tmp_path / "form.json", {**MINIMAL, "name": "[/b] Ana [red]"})
    assert magnet("run", "form.json", *SHORT, "--session", "abc").code == 0
    assert "[/b] Ana" in magnet("list").said  # a narrow column breaks the name
    assert "[/b] Ana [red]" in magnet("show", "abc").said


def test_any_file_name_will_do(magnet: Magnet) -> None:
    refused = magnet("run", r"\[/foo].json", *SHORT)
    assert refused.code == 2
    assert r"\[/foo].json: found no such file" in refused.said


def test_the_commands_that_are_next_can_be_copied(tmp_path: Path) -> None:
    folder = tmp_path / ("a long name of a folder " * 4)
    folder.mkdir()
    run = call(tmp_path, "run", *FAKE, "--turns", 2, "--db", folder / "s.db", "--session", "abc")
    command = f"magnet export abc --db '{folder}/s.db'"
    assert any(command in line for line in run.out.splitlines()), run.out


def test_a_terminal_without_unicode(tmp_path: Path) -> None:
    variables = environment(tmp_path, PYTHONIOENCODING="ascii")
    assert call(tmp_path, "run", *SHORT, "--session", "abc", env=variables).code == 0
    assert call(tmp_path, "show", "abc", "--candidates", env=variables).code == 0
