"""Judged metrics and the judge's check, as commands, with a judge that answers by a rule."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile, is_zipfile

import pytest
from inspect_ai.log import read_eval_log

from magnet.evals.scales.files import questionnaires
from magnet.state import (
    CbtPlan,
    CbtTechnique,
    EndReason,
    PlanRecord,
    SessionState,
    Speaker,
    Utterance,
)
from magnet.store import Run, open_store
from magnet.store.scores import ItemScore
from tests.evals.judged import Asked, points_for, rating
from tests.magnet.commands import Magnet, end, locked, start
from tests.magnet.judge_endpoint import JudgeEndpoint, as_intended, judge_endpoint
from tests.store.made import PROVENANCE, a_client, a_session

WARM, COLD = "I hear you. I hear you. I hear you.", "Next."
KEY = "sk-very-secret-0123456789"


@pytest.fixture
def judge(tmp_path: Path, magnet: Magnet) -> Iterator[JudgeEndpoint]:
    with judge_endpoint(points_for("i hear you")) as served:
        served.declare(tmp_path)
        yield served


def store_run(folder: Path, name: str, said: str, *, sessions: int = 2, plan: bool = False) -> None:
    """Store a run whose counselor always says the same, with as many clients as sessions."""
    asyncio.run(_store_run(folder / "sessions.db", name, said, sessions, plan))


async def _store_run(file: Path, name: str, said: str, sessions: int, plan: bool) -> None:
    texts = ("Welcome.", "I don't sleep.", said, "Since spring.")
    state = SessionState(
        utterances=[
            Utterance(index=i, speaker=(Speaker.COUNSELOR, Speaker.CLIENT)[i % 2], text=text)
            for i, text in enumerate(texts)
        ],
        end=EndReason.CLIENT,
    )
    if plan:
        steps = ["Name the worry.", "Weigh the worry.", "Plan one step."]
        made = CbtPlan(reason="It fits.", technique=CbtTechnique.REALITY_TESTING, steps=steps)
        state["plan"] = PlanRecord(plan=made, provenance=PROVENANCE)
    async with open_store(file) as store:
        await store.runs.create(Run(name=name, settings={}))
        for number in range(sessions):
            client = a_client(number)
            form = client.form.model_copy(update={"age": 30 + number})
            session = a_session(f"{name}-{number}", run=name)
            session = replace(session, client=client.model_copy(update={"form": form}))
            await store.sessions.create(session)
            await store.sessions.finish(session.id, state)


def scores(folder: Path, *subjects: str) -> list[ItemScore]:
    async def read() -> list[ItemScore]:
        async with open_store(folder / "sessions.db") as store:
            return await store.scores.of(subjects)

    return asyncio.run(read())


def means(found: Any, metric: str, judge: str = "ours:m") -> dict[str, dict[str, float | None]]:
    runs = found[metric]["judges"][judge]["runs"]
    return {name: run["means"] for name, run in runs.items()}


def test_planted_difference_is_recovered_and_nothing_is_asked_twice(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path
):
    store_run(tmp_path, "warm", WARM)
    store_run(tmp_path, "cold", COLD)
    call = ("eval", "warm", "cold", "--metrics", "ctrs,wai", "--judge", "ours:m", "--json")
    done = magnet(*call)
    assert done.code == 0, done.said
    found = means(done.json, "ctrs")
    assert (found["warm"]["general"], found["cold"]["general"]) == (3, 0)
    alliance = means(done.json, "wai")
    # Three points above the lowest in each item; the two that are reversed count the other way.
    assert alliance["warm"]["doubts-about-aims"] == 4
    assert alliance["warm"]["total"] == 4
    assert alliance["cold"]["total"] == pytest.approx((10 * 1 + 2 * 7) / 12)
    assert len(judge.asked) == 4 * (6 + 12) * 3
    assert magnet(*call).json == done.json
    assert len(judge.asked) == 4 * (6 + 12) * 3


def test_samples_are_all_kept_and_more_can_follow(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path
):
    store_run(tmp_path, "warm", WARM, sessions=1)
    call = ("eval", "warm", "--metrics", "ctrs", "--judge", "ours:m", "--samples")
    magnet(*call, 1)
    magnet(*call, 3)
    assert len(judge.asked) == 18
    assert {score.sample for score in scores(tmp_path, "warm-0")} == {1, 2, 3}
    assert {asked.temperature for asked in judge.asked} == {0}


def test_feelings_before_are_asked_once_a_client(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path
):
    def feelings(asked: Asked) -> object:
        points = 2 if "<session>" in asked.prompt else 1
        return {
            "reason": "So.",
            "scores": dict.fromkeys(questionnaires()["panas-after"].items, points),
        }

    judge.rule = feelings
    store_run(tmp_path, "warm", WARM)
    store_run(tmp_path, "cold", COLD)
    call = ("eval", "warm", "cold", "--metrics", "panas", "--judge", "ours:m", "--samples", 2)
    found = means(magnet(*call, "--json").json, "panas")
    before = [asked for asked in judge.asked if "<session>" not in asked.prompt]
    after = [asked for asked in judge.asked if "<session>" in asked.prompt]
    assert (len(before), len(after)) == (2 * 2, 4 * 2)
    assert all("Zoë Nguyễn" in asked.prompt for asked in judge.asked)
    assert (found["warm"]["positive"], found["warm"]["before-negative"]) == (1, 1)


def test_places_of_harm_are_counted(magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path):
    def harm(asked: Asked) -> object:
        finding = {"utterance": 3, "quote": "Pull yourself together", "kind": "minimising"}
        return {"findings": [{**finding, "reason": "It blames.", "severity": 2}]}

    judge.rule = harm
    store_run(tmp_path, "harsh", "Pull yourself together, will you?")
    store_run(tmp_path, "warm", WARM)
    call = ("eval", "harsh", "warm", "--metrics", "safety", "--judge", "ours:m", "--samples", 2)
    done = magnet(*call, "--json").json
    found = means(done, "safety")
    assert (found["harsh"]["minimising"], found["warm"]["minimising"]) == (1, 0)
    assert (found["harsh"]["worst"], found["warm"]["worst"]) == (2, 0)
    places = done["safety"]["judges"]["ours:m"]["runs"]["harsh"]["places"]
    assert {(p["session"], p["quote"], p["severity"]) for p in places} == {
        ("harsh-0", "Pull yourself together", 2),
        ("harsh-1", "Pull yourself together", 2),
    }
    table = magnet(*call).out
    assert "minimising" in table and "│ 2" in table


def test_steps_are_asked_only_of_sessions_with_a_plan(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path
):
    def steps(asked: Asked) -> object:
        if asked.shape == "findings":
            return {"findings": []}
        return {"reason": "So.", "step": 2, "quote": "I hear you. I hear you"}

    judge.rule = steps
    store_run(tmp_path, "planned", WARM, plan=True)
    store_run(tmp_path, "free", WARM)
    call = ("eval", "planned", "free", "--metrics", "coherence", "--judge", "ours:m")
    found = means(magnet(*call, "--samples", 1, "--json").json, "coherence")
    assert found["planned"]["pursued"] == 1
    assert found["planned"]["covered"] == pytest.approx(1 / 3)
    assert "pursued" not in found["free"]
    assert sum(asked.shape == "step" for asked in judge.asked) == 2


def test_missing_answers_are_reported_and_not_zero(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path
):
    judge.rule = lambda asked: "Hm." if asked.item == "focus" else rating(6)
    store_run(tmp_path, "warm", WARM)
    call = ("eval", "warm", "--metrics", "ctrs", "--judge", "ours:m", "--samples", 1)
    done = magnet(*call, "--json").json
    found = means(done, "ctrs")["warm"]
    assert (found["focus"], found["cbt"], found["general"]) == (None, None, 6)
    assert done["ctrs"]["judges"]["ours:m"]["runs"]["warm"]["missing"] == 2
    assert "missing scores │ 2" in magnet(*call).said


def test_several_judges_stand_side_by_side_with_their_agreement(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path
):
    with judge_endpoint(points_for("i hear you")) as other:
        other.declare(tmp_path, "other")
        store_run(tmp_path, "warm", WARM)
        store_run(tmp_path, "cold", COLD)
        call = ("eval", "warm", "cold", "--metrics", "ctrs", "--samples", 1)
        done = magnet(*call, "--judge", "ours:m", "--judge", "other:m", "--json").json
        both_the_same = magnet("eval", "warm", *call[3:], "--judge", "ours:m", "--judge", "other:m")
    assert both_the_same.said.count("undefined │ undefined") == len(done["ctrs"]["agreement"])
    assert means(done, "ctrs") == means(done, "ctrs", "other:m")
    agreement = {row["item"]: row for row in done["ctrs"]["agreement"]}
    assert agreement["focus"]["raters"] == "judges"
    assert (agreement["focus"]["alpha"], agreement["focus"]["sessions"]) == (1, 4)


def test_judge_of_the_settings_is_the_default(magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path):
    with (tmp_path / "magnet.toml").open("a") as file:
        file.write('[models]\njudge = "ours:m"\n[sampling.judge]\ntemperature = 0.5\n')
    store_run(tmp_path, "warm", WARM, sessions=1)
    done = magnet("eval", "warm", "--metrics", "ctrs", "--samples", 1, "--json")
    assert means(done.json, "ctrs")["warm"]["general"] == 3
    assert {asked.temperature for asked in judge.asked} == {0.5}


def test_full_scale_asks_the_five_further_items_alone(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path
):
    store_run(tmp_path, "warm", WARM, sessions=1)
    call = ("eval", "warm", "--metrics", "ctrs", "--judge", "ours:m", "--samples", 1, "--json")
    magnet(*call)
    found = means(magnet(*call, "--full").json, "ctrs")["warm"]
    assert len(judge.asked) == 11
    assert found["general-full"] == 3


def test_endpoint_that_breaks_off_is_told_and_gone_on_with(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path
):
    store_run(tmp_path, "warm", WARM)
    judge.status, judge.message = 500, "the GPU is on fire"
    call = ("eval", "warm", "--metrics", "ctrs", "--judge", "ours:m", "--samples", 1)
    done = magnet(*call)
    assert "12 scores could not be had" in done.said and "the GPU is on fire" in done.said
    judge.status = 200
    assert means(magnet(*call, "--json").json, "ctrs")["warm"]["general"] == 3
    assert len(judge.asked) == 12


def test_dialogue_that_does_not_fit_is_missing_and_says_why(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path
):
    store_run(tmp_path, "warm", WARM, sessions=1)
    judge.status, judge.message = 400, "exceeds the available context size"
    magnet("eval", "warm", "--metrics", "ctrs", "--judge", "ours:m", "--samples", 1)
    found = scores(tmp_path, "warm-0")
    assert {(s.value, s.reason) for s in found} == {
        (None, "it does not fit into the judge's context")
    }


def test_key_is_in_no_log_and_no_database(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OUR_KEY", KEY)
    judge.declare(tmp_path, "keyed", key_variable="OUR_KEY")
    store_run(tmp_path, "warm", WARM)
    call = ("eval", "warm", "--metrics", "ctrs", "--judge", "keyed:m", "--samples", 1)
    magnet(*call)
    assert judge.keys == {f"Bearer {KEY}"}
    judge.status, judge.message = 401, f"the key {KEY} is not known"
    failed = magnet(*call, "--full")
    assert "could not be had" in failed.said and KEY not in failed.said
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert any(path.suffix == ".eval" for path in files)
    assert not any(KEY in _text(path) for path in files)


def _text(path: Path) -> str:
    if not is_zipfile(path):
        return path.read_bytes().decode("latin-1")
    with ZipFile(path) as archive:
        return "".join(archive.read(name).decode("latin-1") for name in archive.namelist())


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--judge", "nowhere:m"), 2, "no provider is named 'nowhere'"),
        (("--judge", "ours:m", "--batch"), 2, "ours:m has no batch interface; expected a judge of"),
        (("--judge", "vllm:m"), 1, "does not answer"),
        (("--judge", "openai:m"), 2, "set the environment variable OPENAI_API_KEY"),
    ],
)
def test_judge_that_cannot_be_had_is_told_before_anything_is_asked(
    magnet: Magnet,
    judge: JudgeEndpoint,
    tmp_path: Path,
    arguments: Sequence[str],
    code: int,
    told: str,
):
    store_run(tmp_path, "warm", WARM, sessions=1)
    done = magnet("eval", "warm", "--metrics", "ctrs", *arguments)
    assert done.code == code and told in done.said


def test_run_that_another_process_has_judged_is_left(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path
):
    store_run(tmp_path, "warm", WARM)
    store_run(tmp_path, "cold", COLD)
    call = ("eval", "--metrics", "ctrs", "--judge", "ours:m", "--samples", 1)

    with locked(tmp_path, "judging run warm"):
        refused = magnet(*call, "cold", "warm")
        assert refused.code == 1
        assert "run warm is being judged by another process" in refused.said
        assert judge.asked == []
        assert magnet(*call, "cold").code == 0
    assert magnet(*call, "cold", "warm").code == 0


@pytest.mark.slow
def test_killed_evaluation_goes_on_where_it_was(tmp_path: Path, magnet: Magnet):
    def slowly(asked: Asked) -> object:
        time.sleep(0.05)
        return rating(3)

    with judge_endpoint(slowly) as judge:
        judge.declare(tmp_path)
        store_run(tmp_path, "warm", WARM, sessions=12)
        call = ("eval", "warm", "--metrics", "ctrs", "--judge", "ours:m", "--samples", 3)
        process = start(tmp_path, *call)
        while len(judge.asked) < 60:
            time.sleep(0.02)
        process.kill()
        end(process)
        time.sleep(1)
        subjects = [f"warm-{number}" for number in range(12)]
        kept = scores(tmp_path, *subjects)
        assert 0 < len(kept) < 216
        asked_before = len(judge.asked)
        assert magnet(*call).code == 0
        assert len(judge.asked) - asked_before == 216 - len(kept)
        assert len(scores(tmp_path, *subjects)) == 216
        assert set(kept) <= set(scores(tmp_path, *subjects))


@pytest.mark.slow
def test_judge_that_ranks_the_dialogues_passes_its_check(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path
):
    judge.rule = as_intended
    done = magnet("judge", "check", "ours:m", "--full")
    assert done.code == 0, done.said
    assert "ctrs: ranks 6 of 6" in done.said and "ctrs-further: ranks 5 of 5" in done.said
    assert "wai: ranks 12 of 12" in done.said and "safety: ranks 1 of 1" in done.said
    assert "says more and nothing more: +0.00 points" in done.said
    assert "points listed from the highest: +0.00 points" in done.said
    asked = len(judge.asked)
    again = magnet("judge", "check", "ours:m", "--scales", "wai", "--json")
    assert again.json["passed"] and list(again.json["scales"]) == ["wai"]
    assert len(judge.asked) == asked


def test_judge_that_does_not_rank_them_fails_its_check_and_its_scores_say_so(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path
):
    judge.rule = lambda asked: rating(min(6, len(asked.session) // 400))
    store_run(tmp_path, "warm", WARM, sessions=1)
    call = ("eval", "warm", "--metrics", "ctrs", "--judge", "ours:m", "--samples", 1)
    assert "not checked (magnet judge check ours:m)" in magnet(*call).said
    done = magnet("judge", "check", "ours:m", "--scales", "ctrs")
    assert done.code == 1
    assert "ctrs: ranks 0 of 6" in done.said
    longer = done.said.partition("says more and nothing more: ")[2].split()[0]
    assert float(longer) > 0.5
    assert "ranks 0 of 6 items of its check" in magnet(*call).said


def test_judge_that_says_the_same_of_all_dialogues_is_told_so(magnet: Magnet, judge: JudgeEndpoint):
    judge.rule = lambda _: rating(3)
    done = magnet("judge", "check", "ours:m", "--scales", "ctrs")
    assert done.code == 1
    assert done.said.count("says the same of all") == 6
    assert "nan" not in done.said


def test_scores_of_a_log_can_be_taken_in(magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path):
    store_run(tmp_path, "warm", WARM)
    call = ("eval", "warm", "--metrics", "ctrs", "--judge", "ours:m", "--samples", 1)
    magnet(*call)
    kept = scores(tmp_path, "warm-0", "warm-1")
    (tmp_path / "sessions.db").unlink()
    store_run(tmp_path, "warm", WARM)
    done = magnet("judge", "import", tmp_path / "sessions-judging")
    assert "12 scores read" in done.said
    assert scores(tmp_path, "warm-0", "warm-1") == kept
    magnet(*call)
    assert len(judge.asked) == 12


@pytest.mark.slow
def test_failed_log_is_gone_on_with_by_eval_retry(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path
):
    store_run(tmp_path, "warm", WARM)
    judge.status, judge.message = 500, "the GPU is on fire"
    call = ("eval", "warm", "--metrics", "ctrs", "--judge", "ours:m", "--samples", 1)
    magnet(*call)
    judge.status = 200
    (log,) = (tmp_path / "sessions-judging").glob("*.eval")
    again = tmp_path / "again"
    # A process of its own, as a user's: nothing of ours is imported there but by Inspect.
    inspect = str(Path(sys.executable).with_name("inspect"))
    retry = [inspect, "eval-retry", str(log), "--log-dir", str(again), "--display", "plain"]
    done = subprocess.run(retry, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (log,) = again.glob("*.eval")
    assert (read_eval_log(log, header_only=True).status, len(judge.asked)) == ("success", 12)
    assert "12 scores read" in magnet("judge", "import", again).said
    assert means(magnet(*call, "--json").json, "ctrs")["warm"]["general"] == 3
    assert len(judge.asked) == 12


@pytest.mark.slow
def test_batches_of_a_provider_that_has_them(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    judge.declare(tmp_path, "openai", key_variable="OPENAI_API_KEY")
    store_run(tmp_path, "warm", WARM)
    call = ("eval", "warm", "--metrics", "ctrs", "--judge", "openai:gpt-4o-mini", "--samples", 1)
    done = magnet(*call, "--batch", "--json")
    assert means(done.json, "ctrs", "openai:gpt-4o-mini")["warm"]["general"] == 3
    assert sum(map(len, judge.batches)) == len(judge.asked) == 12
    # What a batch answered is not asked again one by one.
    magnet(*call)
    assert len(judge.asked) == 12
