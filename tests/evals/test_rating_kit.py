"""The rating kit: blind, the same for the same seed, and strict about what comes back."""

import base64
import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from magnet.evals.preference.aspects import load_aspects
from magnet.evals.preference.pairing import Pair
from magnet.evals.rating_kit.answers import AnswersError, completeness, read_answers
from magnet.evals.rating_kit.key import KitError, read_key
from magnet.evals.rating_kit.kit import Kit, build_kit
from magnet.evals.rating_kit.unblinding import preferences_of, scores_of
from magnet.evals.scales.files import questionnaires_of
from magnet.state import Attitude, SessionSettings
from magnet.store.preferences import RaterKind, Verdict
from tests.evals.compared import session, some_pairs

ASPECTS = load_aspects()[:2]
SHEETS = questionnaires_of(["ctrs", "wai"])


def a_kit(pairs: list[Pair] | None = None, **changes: Any) -> Kit:
    settings: dict[str, Any] = {
        "count": 10,
        "aspects": ASPECTS,
        "sheets": SHEETS,
        "arms": ("pilot:magnet", "pilot:cactus"),
        "seed": 0,
    }
    return build_kit(pairs or some_pairs(4), **(settings | changes))


def shown(kit: Kit) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="kit">(.*?)</script>', kit.page, re.S)
    assert found
    return json.loads(found[1])


def test_the_page_reveals_neither_method_nor_model_nor_session():
    pairs = [
        Pair(
            replace(
                pair.a,
                run="first-run",
                settings=SessionSettings(method="magnet"),
                models={"client": {"model": "vllm:meta-llama/Meta-Llama-3-8B-Instruct"}},
                prompt_hash="feedc0ffee12",
            ),
            replace(pair.b, run="second-run", settings=SessionSettings(method="cactus")),
        )
        for pair in some_pairs(4)
    ]
    kit = a_kit(pairs, arms=("first-run", "second-run"))
    page = kit.page.lower()
    secrets = ["magnet", "cactus", "llama", "first-run", "second-run", "feedc0ffee12", "seed"]
    secrets += [one.id for pair in pairs for one in (pair.a, pair.b)]
    assert [secret for secret in secrets if secret.lower() in page] == []
    assert {pair.left for pair in kit.key.pairs} | {pair.right for pair in kit.key.pairs} == {
        one.id for pair in pairs for one in (pair.a, pair.b)
    }


def test_the_key_says_which_session_stands_on_which_side():
    pairs = some_pairs(6)
    said = {one.id: one.utterances[2].text for pair in pairs for one in (pair.a, pair.b)}
    kit = a_kit(pairs)
    for pair, key in zip(shown(kit)["pairs"], kit.key.pairs, strict=True):
        assert pair["id"] == key.id
        assert pair["left"][2]["text"] == said[key.left]
        assert pair["right"][2]["text"] == said[key.right]


@pytest.mark.parametrize("count", [6, 7])
def test_each_side_stands_on_the_left_as_often_as_on_the_right(count: int):
    orders: set[tuple[str, ...]] = set()
    for seed in range(5):
        lefts = [pair.left[0] for pair in a_kit(some_pairs(count), seed=seed).key.pairs]
        assert abs(lefts.count("a") - lefts.count("b")) == count % 2
        orders.add(tuple(lefts))
    assert len(orders) > 1


def test_the_same_seed_makes_the_same_kit_and_another_another():
    assert a_kit().page == a_kit().page
    assert a_kit().key == a_kit().key
    assert a_kit(seed=1).key.kit != a_kit().key.kit


def test_pairs_are_drawn_evenly_from_the_attitudes():
    pairs = some_pairs(5, tuple(Attitude))
    chosen = {pair.left for pair in a_kit(pairs, count=6).key.pairs}
    assert Counter(name.rpartition("-")[2] for name in chosen) == dict.fromkeys(Attitude, 2)
    assert len(a_kit(pairs, count=99).key.pairs) == 15


def test_a_transcript_cannot_break_out_of_the_page():
    text = "</script><script>alert(1)</script> <!-- <b>bold</b> & ${data}"
    pair = Pair(session("a", 1, Attitude.NEUTRAL, text, "Yes."), session("b", 1))
    kit = a_kit([pair])
    assert kit.page.count("</script>") == 2
    both = shown(kit)["pairs"][0]
    assert text in [said["text"] for side in ("left", "right") for said in both[side]]


def test_the_page_loads_nothing_and_runs_only_its_own_script():
    page = a_kit().page
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)
    assert policy
    for kind, pattern in (
        ("script", r"<script>(.*?)</script>"),
        ("style", r"<style>(.*?)</style>"),
    ):
        content = re.search(pattern, page, re.S)
        assert content
        digest = base64.b64encode(hashlib.sha256(content[1].encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy[1]
    assert "default-src 'none'" in policy[1]
    assert re.findall(r"https?://|\bsrc=|url\(|@import", page) == []


def test_a_kit_that_would_ask_nothing():
    with pytest.raises(KitError, match="ask nothing"):
        a_kit(aspects=(), sheets=())
    with pytest.raises(KitError, match=r"sheet panas-before.*ctrs and wai"):
        a_kit(sheets=questionnaires_of(["panas"]))


def an_answer(kit: Kit, **changes: Any) -> dict[str, Any]:
    at = "2030-01-02T03:04:05.678Z"
    answers = {
        "format": "rating-answers-1",
        "kit": kit.key.kit,
        "rater": "R1",
        "saved": at,
        "preferences": [
            {"pair": "1", "aspect": a.id, "verdict": v, "comment": " warm ", "at": at}
            for a, v in zip(ASPECTS, ("left", "right"), strict=True)
        ],
        "ratings": [
            {
                "pair": "2",
                "side": "right",
                "scale": "wai",
                "item": "doubts-about-aims",
                "score": 2,
                "comment": "",
                "at": at,
            }
        ],
    }
    return answers | changes


def read(kit: Kit, folder: Path, answers: Any) -> Any:
    file = folder / "answers.json"
    file.write_text(answers if isinstance(answers, str) else json.dumps(answers))
    return read_answers(file, kit.key)


def test_answers_are_put_to_the_sessions_of_the_key(tmp_path: Path):
    kit = a_kit()
    answers = read(kit, tmp_path, an_answer(kit))
    first, second = preferences_of(answers, kit.key)
    key = kit.key.pairs[0]
    assert (first.first, first.second, first.verdict) == (key.left, key.right, Verdict.FIRST)
    assert (second.aspect, second.verdict) == (ASPECTS[1].id, Verdict.SECOND)
    assert (first.kind, first.rater, first.reason) == (RaterKind.HUMAN, "R1", "warm")
    assert first.instrument == kit.key.kit
    (score,) = scores_of(answers, kit.key)
    assert (score.subject, score.judge) == (kit.key.pairs[1].right, "human:R1")
    # As it was given: reversed items are turned where scores are summed.
    assert (score.sheet, score.item, score.value) == ("wai", "doubts-about-aims", 2)
    found = completeness(answers, kit.key)
    assert (found.answered, found.asked) == (3, 4 * (2 + 2 * (6 + 12)))


def changed(place: str, number: int, **fields: Any) -> Any:
    def change(answers: dict[str, Any]) -> None:
        answers[place][number].update(fields)

    return change


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda a: a.update(kit="000000000000"), r"kit: found '000000000000'.*the key's"),
        (lambda a: a.update(rater=" "), r"rater: found ' '"),
        (lambda a: a.update(extra=1), r"extra: found an unknown field"),
        (lambda a: a.pop("preferences"), r"preferences: found nothing"),
        (changed("preferences", 1, verdict="both"), r"preferences > 2 > verdict: found 'both'"),
        (changed("preferences", 1, pair="9"), r"preferences > 2 > pair: found '9'.*1, 2, 3, 4"),
        (
            changed("preferences", 0, aspect="kindness"),
            r"preferences > 1 > aspect: found 'kindness'.*compre",
        ),
        (
            changed("preferences", 1, aspect=ASPECTS[0].id),
            r"preferences > 2: found a second answer",
        ),
        (changed("preferences", 0, at="today"), r"preferences > 1 > at: found 'today'"),
        (changed("ratings", 0, score=9), r"ratings > 1 > score: found 9.*from 1 to 7"),
        (changed("ratings", 0, score=2.5), r"ratings > 1 > score: found 2\.5"),
        (changed("ratings", 0, item="hope"), r"ratings > 1 > item: found 'hope'.*goals-agreed"),
        (changed("ratings", 0, scale="panas"), r"ratings > 1 > scale: found 'panas'.*ctrs, wai"),
        (changed("ratings", 0, side="middle"), r"ratings > 1 > side: found 'middle'"),
    ],
)
def test_answers_that_do_not_fit_name_file_field_and_remedy(tmp_path: Path, change: Any, said: str):
    kit = a_kit()
    answers = an_answer(kit)
    change(answers)
    with pytest.raises(AnswersError, match=rf"answers\.json: {said}"):
        read(kit, tmp_path, answers)


def test_a_file_that_is_no_answers(tmp_path: Path):
    with pytest.raises(AnswersError, match=r"answers\.json: found .*JSON.*rating page has down"):
        read(a_kit(), tmp_path, "Dear researcher")
    with pytest.raises(AnswersError, match=r"gone\.json: found a file that cannot be read"):
        read_answers(tmp_path / "gone.json", a_kit().key)


def test_every_problem_is_told_at_once(tmp_path: Path):
    kit = a_kit()
    answers = an_answer(kit)
    changed("preferences", 0, pair="9")(answers)
    changed("ratings", 0, score=9)(answers)
    with pytest.raises(AnswersError) as raised:
        read(kit, tmp_path, answers)
    assert len(raised.value.problems) == 2


def test_the_key_is_read_back_and_checked(tmp_path: Path):
    file = tmp_path / "kit.key.json"
    key = a_kit().key
    file.write_text(key.model_dump_json())
    assert read_key(file) == key
    file.write_text(json.dumps({**json.loads(key.model_dump_json()), "pairs": [{"id": "1"}]}))
    with pytest.raises(KitError, match=r"kit\.key\.json: pairs > 0 > left"):
        read_key(file)
    with pytest.raises(KitError, match=r"gone\.json: cannot be read"):
        read_key(tmp_path / "gone.json")
