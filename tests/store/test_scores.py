"""Scores are kept as they were first given, missing ones too, for whatever was judged."""

from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from sqlalchemy import URL

from magnet.store import open_store
from magnet.store.scores import Evidence, ItemScore


def a_score(**changes: Any) -> ItemScore:
    made: dict[str, Any] = {
        "subject": "s1",
        "sheet": "ctrs",
        "item": "focus",
        "judge": "vllm:m",
        "sample": 1,
        "prompt_hash": "0123abcd",
        "value": 4.0,
        "reason": "Bleibt beim Gedanken “何も” 🙂",
    }
    return ItemScore(**(made | changes))


async def test_score_reads_back_equal(url: URL):
    proof = Evidence(utterance=3, quote="“Pull yourself together”", reason="cold", severity=2)
    scores = [a_score(evidence=(proof,)), a_score(item="pacing", value=None, reason="unreadable")]
    async with open_store(url) as opened:
        await opened.scores.record(scores)
        assert await opened.scores.of(["s1"]) == scores


async def test_what_was_counted_once_stays(url: URL):
    first = a_score()
    async with open_store(url) as opened:
        await opened.scores.record([first])
        await opened.scores.record([replace(first, value=1.0, reason="changed its mind")])
        assert await opened.scores.of(["s1"]) == [first]


@pytest.mark.parametrize(
    "other",
    [
        {"subject": "s2"},
        {"sheet": "wai"},
        {"item": "agenda"},
        {"judge": "embedded"},
        {"sample": 2},
        {"prompt_hash": "another"},
    ],
)
async def test_another_place_is_another_score(url: URL, other: dict[str, Any]):
    async with open_store(url) as opened:
        await opened.scores.record([a_score(), a_score(**other, value=0.0)])
        found = await opened.scores.of(["s1", "s2"])
    assert sorted(score.value or 0.0 for score in found) == [0.0, 4.0]


async def test_scores_are_found_by_subject_sheet_and_judge(url: URL):
    scores = [
        a_score(subject=subject, sheet=sheet, judge=judge)
        for subject in ("form:1", "s1")
        for sheet in ("ctrs", "wai")
        for judge in ("a", "b")
    ]
    async with open_store(url) as opened:
        await opened.scores.record(scores)
        assert await opened.scores.of(["s1", "form:1"]) == scores
        assert await opened.scores.of(["s1"], sheet="wai", judge="b") == scores[-1:]
        assert await opened.scores.of(["another"]) == []
        assert await opened.scores.of([]) == []


async def test_more_subjects_than_one_statement_takes(url: URL):
    first, last = a_score(subject="s0"), a_score(subject="s39999")
    async with open_store(url) as opened:
        await opened.scores.record([first, last])
        assert await opened.scores.of([f"s{number}" for number in range(40_000)]) == [first, last]


def test_evidence_names_nothing_unknown():
    with pytest.raises(ValidationError, match="places"):
        Evidence.model_validate({"utterance": 1, "quote": "so", "places": 3})
