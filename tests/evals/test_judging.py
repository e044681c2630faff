"""Judging as Inspect tasks: what is asked, asked again, stored, resumed, read from logs."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import inspect_ai
import pytest
from inspect_ai.log import EvalLog, read_eval_log_samples
from inspect_ai.util import display_type

from magnet.evals.judging.inspect_api import judge_of
from magnet.evals.judging.jobs import JOURNAL, JudgeConfig, JudgingJob, ScoreKey, key_of
from magnet.evals.judging.running import scores_in
from magnet.evals.judging.tasks import ATTEMPTS, judging
from magnet.evals.scales.files import questionnaire_named, questionnaires_of
from magnet.evals.scales.judge_input import (
    JudgeInput,
    form_subject,
    read_judge_inputs,
    write_judge_inputs,
)
from magnet.evals.scales.measures import measures_of
from magnet.evals.scales.model import Questionnaire
from magnet.state import IntakeForm
from magnet.store.scores import ItemScore
from tests.evals.judged import Asked, Judge, a_material, points_for, rating

CTRS = questionnaires_of(["ctrs"])


class Kept:
    """A journal in memory."""

    def __init__(self, known: Sequence[ItemScore] = ()) -> None:
        self.scores = {key_of(score): score for score in known}

    def find(self, key: ScoreKey) -> ItemScore | None:
        return self.scores.get(key)

    async def record(self, scores: Sequence[ItemScore]) -> None:
        self.scores |= {key_of(score): score for score in scores}

    def of(self, judge_input: JudgeInput, sheet: str) -> list[ItemScore]:
        return [
            score
            for score in self.scores.values()
            if (score.subject, score.sheet) == (judge_input.subject, sheet)
        ]


async def run(
    folder: Path,
    judge: Judge,
    judge_inputs: Sequence[JudgeInput],
    sheets: Sequence[Questionnaire] = CTRS,
    *,
    samples: int = 1,
    kept: Kept | None = None,
) -> EvalLog:
    path = folder / "materials.jsonl"
    write_judge_inputs(path, judge_inputs)
    task = judging(
        judge_inputs=str(path), sheets=",".join(sheet.name for sheet in sheets), samples=samples
    )
    token = JOURNAL.set(kept)
    try:
        (log,) = await inspect_ai.eval_async(
            task, model=judge.model(), log_dir=str(folder / "logs"), ctl_server=False
        )
    finally:
        JOURNAL.reset(token)
    return log


@pytest.fixture(autouse=True)
def silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INSPECT_DISPLAY", "none")
    display_type()


async def test_each_item_is_asked_in_a_call_of_its_own_at_temperature_0(tmp_path: Path):
    judge, kept, judge_input = Judge(points_for("night")), Kept(), a_material()
    await run(tmp_path, judge, [judge_input], kept=kept)
    assert sorted(asked.item for asked in judge.asked) == sorted(CTRS[0].items)
    assert {asked.temperature for asked in judge.asked} == {0}
    assert {score.value for score in kept.of(judge_input, "ctrs")} == {1}
    assert {score.judge for score in kept.scores.values()} == {"mockllm:judge"}


async def test_samples_differ_by_seed_and_are_all_kept(tmp_path: Path):
    judge, kept = Judge(lambda asked: rating((asked.seed or 0) % 7)), Kept()
    await run(tmp_path, judge, [a_material()], samples=3, kept=kept)
    assert len({asked.seed for asked in judge.asked}) == 18
    samples = [score.sample for score in kept.of(a_material(), "ctrs")]
    assert sorted(samples) == [1] * 6 + [2] * 6 + [3] * 6


async def test_planted_difference_is_recovered(tmp_path: Path):
    good = [a_material(f"good{n}", "Hello.", "Hm.", "I hear you. " * (3 + n % 2)) for n in range(4)]
    poor = [a_material(f"poor{n}", "Hello.", "Hm.", "I hear you. " * (n % 2)) for n in range(4)]
    kept = Kept()
    await run(tmp_path, Judge(points_for("i hear you")), [*good, *poor], kept=kept)
    means = [
        sum(measured["total"] or 0 for measured in _measure(kept, some)) / len(some)
        for some in (good, poor)
    ]
    assert means == [3.5, 0.5]


def _measure(kept: Kept, judge_inputs: Sequence[JudgeInput]):
    return [
        measures_of("ctrs", judge_input, {"ctrs": kept.of(judge_input, "ctrs")})
        for judge_input in judge_inputs
    ]


async def test_unusable_answer_is_asked_for_again_and_told_why(tmp_path: Path):
    def better_the_second_time(asked: Asked) -> object:
        return rating(4) if "could not be used: score:" in asked.prompt else rating(11)

    judge, kept = Judge(better_the_second_time), Kept()
    await run(tmp_path, judge, [a_material()], kept=kept)
    assert len(judge.asked) == 12
    assert len({asked.seed for asked in judge.asked}) == 12
    assert {score.value for score in kept.scores.values()} == {4}


async def test_answer_that_was_cut_off_is_asked_for_again_in_less_words(tmp_path: Path):
    def shorter_the_second_time(asked: Asked) -> object:
        return rating(4) if "cut off, so say less" in asked.prompt else '{"reason": "It seems'

    kept = Kept()
    await run(tmp_path, Judge(shorter_the_second_time), [a_material()], kept=kept)
    assert {score.value for score in kept.scores.values()} == {4}


async def test_what_never_becomes_usable_is_missing_and_said_so(tmp_path: Path):
    def no_answer_to_focus(asked: Asked) -> object:
        return "I'd rather not say." if asked.item == "focus" else rating(3)

    judge, kept = Judge(no_answer_to_focus), Kept()
    log = await run(tmp_path, judge, [a_material()], kept=kept)
    assert len(judge.asked) == 5 + ATTEMPTS
    (focus,) = (score for score in kept.scores.values() if score.item == "focus")
    assert focus.value is None and "I'd rather not say." in focus.reason
    (measured,) = _measure(kept, [a_material()])
    assert (measured["focus"], measured["cbt"], measured["general"]) == (None, None, 3)
    (sample,) = read_eval_log_samples(log.location)
    assert sample.scores is not None
    values = sample.scores["ctrs"].as_dict()
    assert isinstance(values["focus"], float) and math.isnan(values["focus"])
    assert log.results is not None
    means = {score.name: score.metrics["mean"].value for score in log.results.scores}
    assert means["understanding"] == 3 and math.isnan(means["focus"])


async def test_what_is_scored_is_not_asked_again(tmp_path: Path):
    judge, kept = Judge(points_for("night")), Kept()
    await run(tmp_path, judge, [a_material()], samples=2, kept=kept)
    lost = next(iter(kept.scores))
    del kept.scores[lost]
    again = Judge(points_for("night"))
    log = await run(tmp_path, again, [a_material()], samples=2, kept=kept)
    assert [asked.item for asked in again.asked] == [lost.item]
    assert lost in kept.scores
    # The log is whole all the same: what was known stands in it.
    assert all(sample.scores for sample in read_eval_log_samples(log.location))


async def test_missing_score_is_not_asked_again_either(tmp_path: Path):
    kept = Kept()
    await run(tmp_path, Judge(lambda asked: "no"), [a_material()], kept=kept)
    again = Judge(lambda asked: rating(3))
    await run(tmp_path, again, [a_material()], kept=kept)
    assert again.asked == []


async def test_judge_that_breaks_off_costs_its_session_alone(tmp_path: Path):
    def breaks_off(asked: Asked) -> object:
        if "HANG UP" in asked.session:
            raise RuntimeError("the endpoint broke off")
        return rating(3)

    kept = Kept()
    broken = a_material("broken", "Hello.", "HANG UP")
    log = await run(tmp_path, Judge(breaks_off), [broken, a_material()], kept=kept)
    assert {score.subject for score in kept.scores.values()} == {"s1"}
    samples = list(read_eval_log_samples(log.location, all_samples_required=False))
    assert sorted(bool(sample.error) for sample in samples) == [False, True]


async def test_scores_of_a_log_are_those_that_were_stored(tmp_path: Path):
    kept = Kept()
    sheets = questionnaires_of(["ctrs", "safety"])
    await run(tmp_path, Judge(_some_answer), [a_material()], sheets, samples=2, kept=kept)
    read = list(scores_in(tmp_path / "logs"))
    assert sorted(map(key_of, read)) == sorted(kept.scores)
    assert {key_of(score): score for score in read} == kept.scores
    assert list(scores_in(tmp_path / "nowhere")) == []


def _some_answer(asked: Asked) -> object:
    if asked.shape == "findings":
        quote = {"utterance": 3, "quote": "sounds like long nights", "kind": "minimising"}
        return {"findings": [{**quote, "reason": "So.", "severity": 2}]}
    return rating(2)


async def test_every_sheet_of_a_session_is_a_scorer(tmp_path: Path):
    def answer(asked: Asked) -> object:
        match asked.shape:
            case "items":
                items = questionnaire_named("panas-after").items
                return {"reason": "So.", "scores": dict.fromkeys(items, 2)}
            case "step":
                return {"reason": "So.", "step": 1, "quote": "what goes through your mind"}
            case _:
                return _some_answer(asked) if asked.shape == "item" else {"findings": []}

    sheets = questionnaires_of(["ctrs", "wai", "panas", "coherence", "safety"])
    of_session = [sheet for sheet in sheets if sheet.text.of == "session"]
    log = await run(tmp_path, Judge(answer), [a_material()], of_session)
    (sample,) = read_eval_log_samples(log.location)
    assert sample.scores is not None and list(sample.scores) == [s.name for s in of_session]
    assert sample.scores["coherence-steps"].value == {"pursued": 1, "covered": pytest.approx(1 / 3)}
    assert sample.scores["panas-after"].value == dict.fromkeys(
        questionnaire_named("panas-after").items, 2
    )
    assert "what goes through your mind" in (sample.scores["coherence-steps"].explanation or "")


async def test_session_without_a_plan_has_no_value_for_its_steps(tmp_path: Path):
    log = await run(
        tmp_path,
        Judge(_some_answer),
        [a_material(plan=())],
        [questionnaire_named("coherence-steps"), questionnaire_named("safety")],
    )
    (sample,) = read_eval_log_samples(log.location)
    assert sample.scores is not None
    assert math.isnan(float(sample.scores["coherence-steps"].as_dict()["pursued"] or 0))


async def test_judge_sees_neither_method_nor_attitude(tmp_path: Path):
    judge = Judge(_some_answer)
    await run(tmp_path, judge, [a_material("run-magnet-0001-negative")])
    assert not any("magnet" in a.prompt or "negative" in a.prompt for a in judge.asked)


def test_job_says_which_scores_are_left():
    job = JudgingJob(
        judge_inputs=[a_material(), a_material("s2")], sheets=CTRS, config=JudgeConfig()
    )
    assert job.missing("a", 3, Kept()) == 2 * 6 * 3
    known = [
        ItemScore(**key._asdict(), value=3)
        for key in job.keys(a_material(), "a", 3)
        if key.item != "focus" or key.sample != 2
    ]
    journal = Kept(known)
    assert job.missing("a", 3, journal) == 1 + 6 * 3
    assert job.missing("a", 1, journal) == 6
    assert [m.subject for m in job.left("a", 1, journal).judge_inputs] == ["s2"]
    turned = replace(job, config=JudgeConfig(order="down"))
    assert turned.missing("a", 1, journal) == 12


def test_forms_are_judged_once_however_often_they_are_used():
    form = IntakeForm(name="Ada", age=30, gender="f", presenting_problem="Sleep.", reason="So.")
    assert form_subject(form) == form_subject(form.model_copy())
    assert form_subject(form) != form_subject(form.model_copy(update={"age": 31}))


def test_materials_read_back_equal(tmp_path: Path):
    judge_inputs = [a_material(), a_material("s2", "“Zoë”\n\u2028", "何も 🙂", plan=())]
    write_judge_inputs(tmp_path / "new" / "m.jsonl", judge_inputs)
    assert read_judge_inputs(tmp_path / "new" / "m.jsonl") == judge_inputs


def test_judge_is_named_by_its_spec():
    assert judge_of(Judge(_some_answer).model("mockllm/a/b")) == "mockllm:a/b"
