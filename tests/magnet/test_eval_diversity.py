"""`magnet eval --metrics diversity`."""

import pytest

from tests.magnet.commands import Magnet


@pytest.mark.usefixtures("runs")
def test_one_run_is_measured_whole(magnet: Magnet) -> None:
    outcome = magnet("eval", "old", "--metrics", "diversity", "--json")
    assert outcome.code == 0
    data = outcome.json["diversity"]
    assert data.keys() == {"runs"}
    found = data["runs"]["old"]
    assert (found["procedure"], found["tokenizer"]) == ("plain", "words")
    assert found["sessions"] == 2
    assert found["ngrams"]["1"]["of"] == found["ngrams"]["2"]["of"] + 2
    assert 0 < found["ngrams"]["1"]["share"] < 1


@pytest.mark.usefixtures("runs")
def test_several_columns_are_compared_at_equal_tokens(
    magnet: Magnet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    outcome = magnet("eval", "old", "mixed", "--metrics", "diversity", "--tokens", 4)
    assert outcome.code == 0
    assert "diversity at 4 tokens" in outcome.out
    assert "old less mixed imported-cactus" in outcome.out
    data = magnet("eval", "old", "mixed", "--metrics", "diversity", "--json").json["diversity"]
    smallest = min(run["ngrams"]["1"]["of"] for run in data["runs"].values())
    assert data["compared"]["tokens"] == smallest // 2
    for run in data["compared"]["runs"].values():
        assert 0 < run["Distinct-1"]["estimate"] <= 1


@pytest.mark.usefixtures("runs")
def test_what_cannot_be_measured_is_bad_use(magnet: Magnet) -> None:
    for option, value, said in (
        ("--tokens", 10**6, "expected a part of 1 to"),
        ("--tokenizer", "none", "expected one of words"),
        ("--procedure", "other", "is not one of 'plain'"),
    ):
        outcome = magnet("eval", "old", "mixed", "--metrics", "diversity", option, value)
        assert outcome.code == 2, option
        assert said in outcome.said
