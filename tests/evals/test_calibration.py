"""The calibration set, and what the check says of judges that are good, lazy, rash or biased."""

from collections.abc import Callable, Mapping, Sequence
from random import Random
from statistics import fmean

import pytest

from magnet.evals.calibration.dialogues import dialogues, intended
from magnet.evals.calibration.judge_check import PASSING, SheetCheck, check_sheet
from magnet.evals.calibration.probes import padded, shift
from magnet.evals.scales.files import questionnaires
from magnet.evals.statistics.calibration import rank_correlation
from magnet.state.utterance import Speaker
from magnet.store.scores import Evidence, ItemScore
from tests.evals.judged import a_score

RATED = [name for name in intended() if name != "safety"]
_LEVELS = {
    sheet: {item: dict(zip(dialogues(), line, strict=True)) for item, line in lines.items()}
    for sheet, lines in intended().items()
}


def check(sheet: str, score: Callable[[str, str], float | None]) -> SheetCheck:
    """Check a judge that gives `score(dialogue, item)`."""
    return check_sheet(
        sheet,
        {
            name: [
                a_score(item, score(name, item), sheet) for item in questionnaires()[sheet].items
            ]
            for name in dialogues()
        },
    )


def knowing(sheet: str) -> Callable[[str, str], float]:
    """A judge that knows the intended levels; of PANAS's feelings, those of their subscale."""
    subscales = questionnaires()[sheet].scale.subscales

    def score(dialogue: str, item: str) -> float:
        levels = _LEVELS[sheet]
        measure = item if item in levels else next(m for m in levels if item in subscales[m])
        return levels[measure][dialogue]

    return score


def test_twelve_short_dialogues_that_begin_with_the_counselor_and_end_with_the_client():
    assert len(dialogues()) == 12
    for dialogue in dialogues().values():
        speakers = [line.speaker for line in dialogue.lines]
        assert speakers == [Speaker.COUNSELOR, Speaker.CLIENT] * (len(speakers) // 2)
        assert len(speakers) <= 20


def test_every_item_has_an_intended_order_from_plainly_bad_to_plainly_good():
    for sheet in ("ctrs", "ctrs-further", "wai"):
        scale = questionnaires()[sheet].scale
        assert set(intended()[sheet]) == set(questionnaires()[sheet].items)
        for item, line in intended()[sheet].items():
            assert min(line) == scale.low, item
            assert max(line) == scale.high, item


@pytest.mark.parametrize("sheet", RATED)
def test_judge_that_knows_the_order_passes(sheet: str):
    checked = check(sheet, knowing(sheet))
    assert checked.passed
    assert all(item.rho == pytest.approx(1) for item in checked.items)
    assert (checked.missing, checked.answers) == (0, 12 * len(questionnaires()[sheet].items))


@pytest.mark.parametrize("sheet", RATED)
def test_judge_that_likes_long_sessions_passes_on_no_item(sheet: str):
    lengths = {name: len(d.judge_input(name).dialogue()) for name, d in dialogues().items()}
    assert not any(item.passed for item in check(sheet, lambda d, _: lengths[d]).items)


@pytest.mark.parametrize("sheet", ["ctrs", "ctrs-further", "wai"])
def test_judge_with_one_impression_for_all_items_is_seen_to_have_one(sheet: str):
    lines = _LEVELS[sheet].values()
    impression = {name: fmean(line[name] for line in lines) for name in dialogues()}
    checked = check(sheet, lambda dialogue, _: impression[dialogue])
    assert checked.alike == pytest.approx(1)
    assert checked.alike_intended < 0.9
    knows = check(sheet, knowing(sheet))
    assert knows.alike == knows.alike_intended == checked.alike_intended


def test_judge_that_always_says_the_same_ranks_nothing():
    checked = check("ctrs", lambda *_: 4.0)
    assert not checked.passed and all(item.rho != item.rho for item in checked.items)


def test_reversed_item_that_is_taken_for_its_opposite_fails_alone():
    score = knowing("wai")
    checked = check(
        "wai", lambda d, i: 8 - score(d, i) if i == "doubts-about-aims" else score(d, i)
    )
    assert [item.measure for item in checked.items if not item.passed] == ["doubts-about-aims"]


def test_use_of_the_ends():
    rash = check("ctrs", lambda d, i: 6.0 if knowing("ctrs")(d, i) >= 3 else 0.0)
    assert rash.use is not None and rash.use.floor + rash.use.ceiling == pytest.approx(1)
    shy = check("ctrs", lambda d, i: 2 + knowing("ctrs")(d, i) / 3)
    assert shy.use is not None and (shy.use.floor, shy.use.ceiling) == (0, 0)
    assert shy.passed


def test_missing_answers_are_counted_and_do_not_pass():
    score = knowing("ctrs")
    checked = check("ctrs", lambda d, i: None if (d[:2], i) == ("04", "focus") else score(d, i))
    (focus,) = (item for item in checked.items if item.measure == "focus")
    assert (focus.missing, focus.passed, checked.missing) == (1, False, 1)
    assert focus.rho == pytest.approx(1)


def test_safety_is_checked_by_the_worst_place():
    def found(worst: Mapping[str, float]) -> Mapping[str, Sequence[ItemScore]]:
        kinds = list(questionnaires()["safety"].items)
        return {
            name: [
                a_score(
                    kind,
                    float(kind == kinds[0] and level > 0),
                    "safety",
                    evidence=(Evidence(utterance=2, quote="so", severity=int(level)),)
                    if kind == kinds[0] and level
                    else (),
                )
                for kind in kinds
            ]
            for name, level in worst.items()
        }

    levels = _LEVELS["safety"]["worst"]
    assert check_sheet("safety", found(levels)).passed
    assert check_sheet("safety", found(levels)).use is None
    assert not check_sheet("safety", found(dict.fromkeys(levels, 0))).passed


def test_padding_adds_words_of_the_counselor_alone():
    for name, dialogue in dialogues().items():
        plain = dialogue.judge_input(name)
        longer = padded(plain)
        assert longer.subject != plain.subject
        for one, other in zip(plain.lines, longer.lines, strict=True):
            assert other.text.startswith(one.text)
            assert (one.text != other.text) == (one.speaker is Speaker.COUNSELOR)


def test_shift_is_the_mean_of_what_both_scored():
    assert shift({"a": 1, "b": 2, "c": None}, {"a": 2, "b": 4, "c": 5}) == 1.5
    assert shift({"a": 1}, {"b": 1}) is None


def test_threshold_is_not_reached_by_chance_alone():
    rng, order = Random(5), list(range(12))
    found = [rank_correlation(order, rng.sample(order, 12)) for _ in range(2000)]
    assert sum(rho >= PASSING for rho in found) / 2000 < 0.02
