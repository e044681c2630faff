"""Looking into sessions and changing their course, through the commands."""

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from magnet.models.fake.reply import Reply
from magnet.state.technique import packaged_techniques
from tests.magnet.commands import Magnet, call, end, environment, start
from tests.magnet.endpoint import Answer, as_usual, endpoint, refusing

pytestmark = pytest.mark.slow


@pytest.fixture
def ended(magnet: Magnet) -> str:
    """A finished session of eight turns whose checkpoints are all kept."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MAGNET_KEEP_CHECKPOINTS", "all")
        assert magnet("run", "--model", "fake", "--turns", 8, "--session", "one").code == 0
    return "one"


def script(magnet: Magnet, session: str, *lines: str):
    """Run commands of the stepper from a file."""
    Path("commands.txt").write_text("\n".join(lines), encoding="utf-8")
    return magnet("step", session, "--commands", "commands.txt")


def show(magnet: Magnet, session: str):
    return magnet("show", session, "--json").json


def ids(magnet: Magnet, but: str = "") -> list[str]:
    return [one["session"] for one in magnet("list", "--json").json if one["session"] != but]


def texts(shown) -> list[str]:
    return [said["text"] for said in shown["utterances"]]


def test_history_lists_each_super_step_with_what_it_made(magnet: Magnet, ended: str) -> None:
    steps = magnet("history", ended, "--json").json
    assert [step["step"] for step in steps] == list(range(14))
    assert steps[0]["nodes"] == [] and steps[0]["next"] == ["planner"]
    assert steps[1]["nodes"] == ["planner"] and steps[1]["changed"] == ["plan"]
    assert len(steps[2]["nodes"]) == 6 and "techniques.1" in steps[2]["changed"]
    assert steps[3]["changed"] == ["utterances.1"] and steps[4]["changed"] == ["utterances.2"]
    assert steps[-1]["next"] == [] and "end" in steps[-1]["changed"]
    assert [step["turn"] for step in steps if "client" in step["nodes"]] == [2, 4, 6, 8]
    shown = show(magnet, ended)
    made = [shown["plan"], *shown["utterances"][2:]]
    made += [c for e in shown["exchanges"] for c in (*e["candidates"], e["selection"])]
    assert sum(step["usage"]["prompt"] for step in steps) == sum(
        one["making"]["usage"]["prompt"] for one in made
    )
    printed = magnet("history", ended)
    assert printed.code == 0 and "next: nothing: it has ended" in printed.said


def test_going_back_twenty_exchanges_and_forward_changes_nothing(magnet: Magnet) -> None:
    magnet("run", "--model", "fake", "--turns", 44, "--session", "long", "--stop-when", "turn==42")
    before, states = show(magnet, "long"), magnet("history", "long", "--json").json
    went = script(magnet, "long", "back 60", "view utterances", "exchange", *["x"] * 19, "view")
    assert went.code == 0
    assert "step 4 of 64" in went.said and "step 64 · turn 42" in went.said
    assert show(magnet, "long") == before
    assert magnet("history", "long", "--json").json == states


def test_the_stepper_plays_a_new_session_node_by_node(magnet: Magnet) -> None:
    Path("commands.txt").write_text("messages planner\ns\ns\ngraph\ns\ne\n", encoding="utf-8")
    walked = magnet("step", "--model", "fake", "--turns", 4, "--commands", "commands.txt")
    assert walked.code == 0, walked.said
    assert "no answer yet" in walked.said and "made by planner" in walked.said
    assert re.search(r"\| +fusion +\|.*\n\| +next +\|", walked.out)
    assert "the session has ended" in walked.said
    (session,) = ids(magnet)
    assert show(magnet, session)["status"] == "finished"
    # Stepped or not, the same seed makes the same session.
    magnet("run", "--model", "fake", "--turns", 4, "--session", "whole")
    assert texts(show(magnet, session)) == texts(show(magnet, "whole"))


def test_messages_show_what_the_node_was_sent_and_what_came_back(
    magnet: Magnet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAGNET_KEEP_CHECKPOINTS", "all")
    magnet("run", "--model", "fake", "--turns", 4, "--session", "a", "--log-calls", "full")
    magnet("run", "--model", "fake", "--turns", 4, "--session", "b")
    full, rebuilt = (script(magnet, one, "messages client") for one in "ab")
    prompt = full.out[full.out.index("system") : full.out.index("answer 1")]
    assert "How you talk" in prompt
    assert prompt == rebuilt.out[rebuilt.out.index("system") : rebuilt.out.index("answer 1")]


def test_an_edit_in_the_past_begins_a_session_of_its_own(magnet: Magnet, ended: str) -> None:
    before = show(magnet, ended)
    edited = script(magnet, ended, "goto turn:4", "edit utterances.4 I slept well for once.", "end")
    assert edited.code == 0, edited.said
    assert show(magnet, ended) == before
    (fork,) = ids(magnet, but=ended)
    made = show(magnet, fork)
    assert made["parent"] == ended and made["status"] == "finished"
    assert texts(made)[:5] == texts(before)[:5]
    assert texts(made)[5] == "I slept well for once."
    assert made["utterances"][5]["making"]["flags"] == ["edited"]
    assert texts(made)[6:] != texts(before)[6:]
    steps = magnet("history", ended, "--json").json
    assert [s["forks"] for s in steps if s["turn"] == 4 and "client" in s["nodes"]] == [[fork]]


def test_an_edit_where_the_session_stands_is_made_in_it(magnet: Magnet) -> None:
    magnet("run", "--model", "fake", "--turns", 6, "--session", "s", "--stop-at", "fusion")
    chosen = script(magnet, "s", "edit techniques.1 [questioning]", "edit plan.steps.0 Begin slow.")
    assert chosen.code == 0, chosen.said
    assert ids(magnet) == ["s"]
    assert magnet("resume", "s").code == 0
    shown = show(magnet, "s")
    assert shown["exchanges"][0]["selection"]["techniques"] == ["questioning"]
    assert shown["plan"]["plan"]["steps"][0] == "Begin slow."
    assert shown["plan"]["making"]["flags"] == ["edited"]
    assert len(shown["utterances"]) == 8


def test_an_edited_client_is_the_one_that_the_session_is_listed_with(magnet: Magnet) -> None:
    magnet("run", "--model", "fake", "--turns", 4, "--session", "s", "--stop-at", "fusion")
    edited = script(magnet, "s", "edit client.attitude negative", "edit client.number 3", "end")
    assert edited.code == 0, edited.said
    shown = show(magnet, "s")
    assert (shown["client"]["attitude"], shown["client"]["number"]) == ("negative", 3)
    assert magnet("list", "--json").json[0]["attitude"] == "negative"
    assert magnet("history", "s", "--json").code == 0


def test_a_session_can_be_made_longer_than_it_was_to_be(magnet: Magnet) -> None:
    magnet("run", "--model", "fake", "--turns", 4, "--session", "s", "--stop-at", "fusion")
    assert script(magnet, "s", "edit settings.turn_limit 40").code == 0
    resumed = magnet("resume", "s")
    assert resumed.code == 0, resumed.said
    shown = show(magnet, "s")
    assert shown["status"] == "finished" and len(shown["utterances"]) > 2 + 4


def test_an_edited_text_is_kept_as_it_was_typed(magnet: Magnet) -> None:
    written = ["I can't and won't.", "my #1 fear is work", "It's so.", '"Well," he said.', "No"]
    magnet("run", "--model", "fake", "--turns", 8, "--session", "s", "--stop-when", "turn == 5")
    edits = [f"  w utterances.{turn} {text} " for turn, text in enumerate(written, 1)]
    edited = script(magnet, "s", "# what they say", "", *edits)
    assert edited.code == 0, edited.said
    assert texts(show(magnet, "s"))[2:] == written


def test_after_an_edit_all_that_runs_next_is_asked_about_the_new_words(
    magnet: Magnet, tmp_path: Path
) -> None:
    def solutions_fail(reply: Reply) -> Answer:
        if reply.agent != "solutions" or ours.agents.count("solutions") < 2:
            return as_usual(reply)
        time.sleep(1)  # the others have answered by then
        return refusing(404, "no more")

    with endpoint(solutions_fail) as ours:
        ours.declare(tmp_path)
        models = ("--model", "ours:m", "--turns", 4, "--session", "s")
        assert magnet("run", *models).code == 1
        asked = len(ours.agents)
        assert ours.agents[-6:].count("selector") == 1
        ours.answer = as_usual
        edited = script(magnet, "s", "edit utterances.2 I did not sleep again.", "step")
        assert edited.code == 0, edited.said
    assert sorted(ours.agents[asked:]) == sorted([*packaged_techniques(), "selector"])
    shown = show(magnet, "s")
    assert texts(shown)[3] == "I did not sleep again."


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("edit utterances.40 Hi", "no '40' there"),
        ("edit plan.technique Magic", "plan.technique"),
        ("edit techniques.1 []", "techniques"),
        ("edit settings.method cactus", "a session keeps the method"),
        ("goto 99", "no step '99'"),
        ("jump", "is no command"),
        ("rerun", "expected: rerun NODE"),
        ("rerun selektor", "no node 'selektor'"),
        ("rerun client seed=x", "expected a number"),
        ("keep", "rerun one first"),
        ("goto 'turn:1", "No closing quotation"),
    ],
)
def test_a_command_that_cannot_be_done_says_why_and_changes_nothing(
    magnet: Magnet, ended: str, command: str, says: str
) -> None:
    before = show(magnet, ended)
    refused = script(magnet, ended, command, "end")
    assert refused.code == 2 and says in refused.said
    assert show(magnet, ended) == before
    assert len(magnet("list", "--json").json) == 1


def test_a_node_asked_again_can_be_kept(magnet: Magnet, ended: str) -> None:
    before = show(magnet, ended)
    Path("short.yaml").write_text(
        "setting: client\nvoice: client\nsees: [intake, attitude, dialogue]\n"
        "instruction: |\n  (Answer as ${name} would, in one sentence.)\n",
        encoding="utf-8",
    )
    again = script(
        magnet,
        ended,
        "goto turn:6",
        "rerun client prompt=short.yaml temperature=0.2",
        "rerun client seed=4711",
        "keep",
        "end",
    )
    assert again.code == 0, again.said
    assert again.out.count("─ before ─") == 2
    (fork,) = ids(magnet, but=ended)
    made = show(magnet, fork)
    assert texts(made)[:7] == texts(before)[:7]
    assert texts(made)[7] != texts(before)[7]
    parted = magnet("diff", ended, fork, "--json").json
    assert parted[0] == {
        "name": "utterances.6",
        "left": f"Client: {texts(before)[7]}",
        "right": f"Client: {texts(made)[7]}",
    }


def test_fork_sets_values_and_the_fork_goes_its_own_way(magnet: Magnet, ended: str) -> None:
    made = magnet(
        "fork",
        ended,
        "--at",
        "turn:2",
        "--set",
        "settings.seed=9",
        "--set",
        "client.attitude=negative",
        "--session",
        "two",
    )
    assert made.code == 0 and "magnet resume two" in made.said
    assert magnet("resume", "two").code == 0
    one, two = show(magnet, ended), show(magnet, "two")
    assert texts(one)[:4] == texts(two)[:4] and texts(one)[4:] != texts(two)[4:]
    assert two["client"]["attitude"] == "negative" and one["client"]["attitude"] == "positive"
    told = magnet("diff", ended, "two")
    assert told.code == 0 and "They part at client" in told.said
    assert magnet("diff", ended, ended).said == "They say the same."


def test_a_fork_takes_any_text_as_the_text_that_it_is(magnet: Magnet, ended: str) -> None:
    written = ["Yes", "7", "'7'", "[so, so]", "null", "a: b"]
    sets = [f"--set=utterances.{turn}={text}" for turn, text in enumerate(written, 1)]
    made = magnet("fork", ended, "--at", "turn:6", *sets, "--session", "two")
    assert made.code == 0, made.said
    assert magnet("resume", "two").code == 0
    assert texts(show(magnet, "two"))[2:8] == written


@pytest.mark.parametrize("method", ["magnet", "magnet-plus", "cactus"])
def test_a_pruned_session_is_changed_as_one_whose_checkpoints_are_all_kept(
    magnet: Magnet, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    play = ("run", "--model", "fake", "--method", method, "--turns", 8)
    ends: list[list[str]] = []
    for keep in ("all", "exchanges"):
        monkeypatch.setenv("MAGNET_KEEP_CHECKPOINTS", keep)
        assert magnet(*play, "--session", keep).code == 0
        edit = ("--at", "turn:4", "--set", "utterances.4=It's gone.")
        assert magnet("fork", keep, *edit, "--session", f"{keep}-two").code == 0
        assert magnet("resume", f"{keep}-two").code == 0
        said = show(magnet, f"{keep}-two")["utterances"]
        assert [one["speaker"] for one in said] == ["counselor", "client"] * 5
        ends.append([one["text"] for one in said])
    assert ends[0] == ends[1]
    assert "It's gone." in ends[0]


def test_a_fork_from_the_start_plays_from_the_changed_client(magnet: Magnet, ended: str) -> None:
    made = magnet("fork", ended, "--at", 0, "--set", "client.attitude=negative", "--session", "two")
    assert made.code == 0
    assert magnet("resume", "two").code == 0
    assert show(magnet, "two")["plan"] is not None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--at", "turn:77"), "no step 'turn:77'"),
        (("--set", "plan.technique=Magic"), "plan.technique"),
        (("--set", "plan"), "expected KEY=VALUE"),
        (("--set", "mood=low"), "no 'mood' there"),
        (("--set", "settings.turn_limit=7"), "settings.turn_limit"),
        (("--set", "techniques=foo"), "techniques: expected a mapping"),
        (("--set", "utterances=[foo]"), "utterances: expected a mapping"),
        (("--set", "utterances={2: foo}"), "utterances: expected a mapping with the keys '1'"),
        (("--set", "candidates.1=foo"), "candidates.1: expected a mapping"),
        (("--set", "plan=foo"), "plan: "),
        (("--set", "techniques.1=[2024-01-01]", "--set", "settings.seed=3"), "techniques"),
        (("--session", "one"), "there is a session one already"),
    ],
)
def test_a_fork_that_cannot_be_made_stores_nothing(
    magnet: Magnet, ended: str, arguments: tuple[str, ...], says: str
) -> None:
    refused = magnet("fork", ended, *arguments)
    assert refused.code == 2 and says in refused.said
    assert len(magnet("list", "--json").json) == 1


def test_a_breakpoint_leaves_the_session_resumable(magnet: Magnet) -> None:
    stopped = magnet(
        "run",
        "--model",
        "fake",
        "--turns",
        8,
        "--session",
        "s",
        "--stop-at",
        "client",
        "--stop-when",
        "turn == 5 and words > 0",
    )
    assert stopped.code == 0 and "Stopped before client" in stopped.said
    assert len(show(magnet, "s")["utterances"]) == 2 + 5
    assert magnet("resume", "s").code == 0
    magnet("run", "--model", "fake", "--turns", 8, "--session", "whole")
    assert texts(show(magnet, "s")) == texts(show(magnet, "whole"))


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--stop-at", "klient"), "no such node"),
        (("--stop-when", "turn = 5"), "--stop-when"),
        (("--stop-when", "trun == 5"), "trun"),
        (("--stop-when", "__import__('os')"), "--stop-when"),
        (("--stop-when", "turn > 3 and trun == 5"), "trun"),
        (("--stop-when", "techniques[0] = 'solutions'"), "--stop-when"),
    ],
)
def test_a_breakpoint_that_cannot_be_read_is_bad_use(
    magnet: Magnet, flags: tuple[str, ...], says: str
) -> None:
    refused = magnet("run", "--model", "fake", "--turns", 4, *flags)
    assert refused.code == 2 and says in refused.said
    assert magnet("list", "--json").json == []


@pytest.mark.parametrize(
    ("condition", "turns"),
    [("techniques[0] != ''", 1), ("calls / (turn - 1) > 2", 2), ("techniques[7] == 'fear'", 4)],
)
def test_a_condition_on_what_is_not_there_yet_is_not_met(
    magnet: Magnet, condition: str, turns: int
) -> None:
    run = ("run", "--model", "fake", "--turns", 4, "--session", "s", "--stop-when", condition)
    stopped = magnet(*run)
    assert stopped.code == 0, stopped.said
    assert len(show(magnet, "s")["utterances"]) == 2 + turns


def test_a_condition_that_stops_making_sense_leaves_the_session_resumable(magnet: Magnet) -> None:
    run = ("run", "--model", "fake", "--turns", 4, "--session", "s")
    refused = magnet(*run, "--stop-when", "turn > 1 and text > 5")
    assert refused.code == 2 and "--stop-when" in refused.said
    assert magnet("list", "--json").json[0]["status"] == "running"
    assert magnet("resume", "s").code == 0
    assert len(show(magnet, "s")["utterances"]) == 2 + 4


def test_a_replay_without_a_model_gives_the_same_session(magnet: Magnet, ended: str) -> None:
    replayed = magnet("replay", ended)
    assert replayed.code == 0 and "no differences" in replayed.said


def test_a_replay_shows_what_a_change_of_cleaning_does(
    magnet: Magnet, ended: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from magnet.nodes import speaking

    clean = speaking.clean

    def shouting(*arguments, **options):
        cleaned = clean(*arguments, **options)
        return type(cleaned)(cleaned.text.replace(".", "!"), cleaned.repairs)

    monkeypatch.setattr(speaking, "clean", shouting)
    found = magnet("replay", ended, "--json").json
    assert {one["name"] for one in found} >= {f"utterances.{turn}" for turn in range(1, 9)}
    assert all(one["right"] == one["left"].replace(".", "!") for one in found if one["left"])


def test_an_imported_session_has_no_history_to_walk_or_replay(
    magnet: Magnet, ended: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    magnet("export", ended, "--format", "jsonl", "--out", "one.jsonl")
    monkeypatch.setenv("MAGNET_DB", "other.db")
    assert magnet("import", "one.jsonl", "--run", "old").code == 0
    (imported,) = ids(magnet)
    for command in ("history", "step", "fork", "replay"):
        refused = magnet(command, imported)
        assert refused.code in (1, 2) and "imported" in refused.said, command


@pytest.fixture
def running(tmp_path: Path) -> Iterator[str]:
    """A session that another process is playing, slowly."""
    slow = environment(tmp_path, MAGNET_KEEP_CHECKPOINTS="all")
    process = start(
        tmp_path, "run", "--model", "fake", "--turns", 2000, "--session", "busy", "--json", env=slow
    )
    assert process.stdout
    begun = 0
    for line in process.stdout:
        if '"node":"reflection"' in line and (begun := begun + 1) == 3:
            break
    process.send_signal(signal.SIGSTOP)
    yield "busy"
    process.send_signal(signal.SIGCONT)
    process.send_signal(signal.SIGINT)
    end(process)


def test_a_session_that_another_process_plays_is_left_alone(tmp_path: Path, running: str) -> None:
    before = call(tmp_path, "history", running, "--json").json
    (tmp_path / "go.txt").write_text("step\n", encoding="utf-8")
    (tmp_path / "edit.txt").write_text("edit plan.reason Because I say so.\n", encoding="utf-8")
    for commands in ("go.txt", "edit.txt"):
        refused = call(tmp_path, "step", running, "--commands", commands)
        assert refused.code == 1 and "another process is running it" in refused.said
    forked = call(tmp_path, "fork", running, "--at", "turn:2", "--session", "mine")
    assert forked.code == 0, forked.said
    assert call(tmp_path, "diff", running, "mine").code == 0
    after = call(tmp_path, "history", running, "--json").json
    assert [{**step, "forks": []} for step in after] == before


def test_the_stepper_at_a_terminal(tmp_path: Path) -> None:
    call(tmp_path, "run", "--model", "fake", "--turns", 4, "--session", "s", "--stop-at", "client")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "magnet", "step", "s"],
        cwd=tmp_path,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment(tmp_path, TERM="dumb", EDITOR="sed -i s/.*/Edited.by.hand/"),
    )
    os.close(theirs)
    try:
        assert "next: client" in read_until(ours, "> ")
        assert "is no command" in type_in(ours, "dance")
        assert "Edited.by.hand" in type_in(ours, "w utterances.1")
        assert "utterances.2" in type_in(ours, "s")
        os.write(ours, b"q\n")
        assert process.wait(60) == 0
    finally:
        process.kill()
        os.close(ours)
    shown = json.loads(call(tmp_path, "show", "s", "--json").out)
    assert shown["utterances"][2]["text"] == "Edited.by.hand"
    assert len(shown["utterances"]) == 4


def type_in(terminal: int, line: str) -> str:
    os.write(terminal, f"{line}\n".encode())
    return read_until(terminal, "> ")


def read_until(terminal: int, prompt: str, patience: float = 60) -> str:
    said, deadline = "", time.monotonic() + patience
    while not said.endswith(prompt):
        ready, _, _ = select.select([terminal], [], [], deadline - time.monotonic())
        assert ready, f"no prompt; it said {said[-500:]!r}"
        said += os.read(terminal, 4096).decode(errors="replace")
    return said


def test_the_account_of_how_a_value_was_made_is_no_difference(magnet: Magnet) -> None:
    for session in "ab":
        run = ("run", "--model", "fake", "--turns", 4, "--session", session)
        assert magnet(*run, "--method", "magnet-plus").code == 0
    # Their calls took different times.
    assert magnet("diff", "a", "b").said == "They say the same."
