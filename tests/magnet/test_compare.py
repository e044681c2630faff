"""`magnet compare`: planted differences, none where there is none, and what is missing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from magnet.sessions.example_forms import example_folder
from magnet.state import Attitude
from magnet.store.preferences import RaterKind
from tests.evals.judged import points_for
from tests.magnet.commands import Magnet
from tests.magnet.compared_runs import (
    CLIENTS,
    COLD,
    WARM,
    store_arm,
    store_preferences,
    store_ratings,
)
from tests.magnet.judge_endpoint import JudgeEndpoint, judge_endpoint

JUDGE = ("--judge", "ours:m", "--samples", 1)


@pytest.fixture
def judge(tmp_path: Path, magnet: Magnet) -> Iterator[JudgeEndpoint]:
    """A judge that gives a point for each time the counselor hears the client."""
    with judge_endpoint(points_for("i hear you")) as served:
        served.declare(tmp_path)
        yield served


def families(found: Any) -> dict[str, Any]:
    return {family["title"]: family for family in found["families"]}


@pytest.mark.slow
@pytest.mark.usefixtures("judge")
def test_a_planted_difference_is_found(magnet: Magnet, tmp_path: Path) -> None:
    store_arm(tmp_path, "warm", WARM)
    store_arm(tmp_path, "cold", COLD)
    assert magnet("eval", "warm", "cold", "--metrics", "ctrs", *JUDGE).code == 0
    found = magnet("compare", "warm", "cold", "--metrics", "ctrs", "--json").json
    items = families(found)["ctrs: items"]
    assert len(items["overall"]) == 6
    for item in items["overall"].values():
        assert (item["means"]["warm"]["value"], item["means"]["cold"]["value"]) == (3, 0)
        test = item["against"]["cold"]
        assert (test["difference"], test["pairs"]) == ({"estimate": 3, "low": 3, "high": 3}, 8)
        # All eight clients lean to one arm; six items are adjusted together.
        assert test["p_permutation"] == pytest.approx(2 / 2**CLIENTS)
        assert test["p_holm"] == pytest.approx(6 * 2 / 2**CLIENTS)
        assert test["rank_biserial"] == 1
    totals = families(found)["ctrs: totals"]
    assert list(totals["overall"]) == ["total", "general", "cbt"]
    assert totals["by_attitude"]["neutral"]["total"]["against"]["cold"]["clients"] == CLIENTS
    assert (totals["judge"], totals["trusted"]) == ("ours:m", False)
    assert any("ours:m should not be believed: not checked" in line for line in found["missing"])

    said = magnet("compare", "warm", "cold", "--metrics", "ctrs").said
    assert "+3.00 (+3.00 to +3.00)" in said
    assert "0.047*" in said


@pytest.mark.slow
@pytest.mark.usefixtures("judge")
def test_sides_that_are_alike_do_not_differ(magnet: Magnet, tmp_path: Path) -> None:
    for run in ("one", "other"):
        store_arm(tmp_path, run, WARM, clients=range(3), attitudes=tuple(Attitude))
    magnet("eval", "one", "other", "--metrics", "ctrs", *JUDGE)
    found = magnet("compare", "one", "other", "--json").json
    against = [
        measure["against"]["other"]
        for family in found["families"]
        for measures in (family["overall"], *family["by_attitude"].values())
        for measure in measures.values()
    ]
    assert len(against) > 100
    assert {test["difference"]["estimate"] for test in against} == {0}
    assert {test["p_holm"] for test in against} == {1}
    (less,) = found["diversity"]["differences"].values()
    assert {interval["estimate"] for interval in less.values()} == {0}


def test_what_is_missing_is_said_with_the_command_that_makes_it(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path
) -> None:
    store_arm(tmp_path, "warm", WARM, clients=range(3))
    store_arm(tmp_path, "cold", COLD, clients=range(1, 3))
    store_arm(tmp_path, "far", COLD, clients=[99])
    call = ("compare", "warm", "cold", "far", "--metrics", "ctrs,wai,preference,calls", "--json")
    magnet("eval", "warm", "--metrics", "ctrs", *JUDGE)
    missing = magnet(*call).json["missing"]
    again = "magnet eval warm cold far --metrics"
    assert missing[:5] == [
        "cold: 1 sessions of it and of warm have no counterpart; the tests are over the other 2 "
        "pairs",
        "far: no client has a finished session with the same attitude in warm, so nothing can be "
        "tested between the two",
        f"ctrs: ours:m has scored 0 of 2 sessions of cold: {again} ctrs --judge ours:m",
        f"ctrs: ours:m has scored 0 of 1 sessions of far: {again} ctrs --judge ours:m",
        "ctrs: ours:m should not be believed: not checked (magnet judge check ours:m)",
    ]
    assert f"wai: no judge has scored it: {again} wai --judge MODEL_ID" in missing
    assert "preference: nobody has compared warm with cold" in missing
    assert any(line.startswith("calls: 3 of 3 sessions of warm") for line in missing)

    with (tmp_path / "magnet.toml").open("a") as file:
        file.write("[sampling.judge]\ntemperature = 0.5\n")
    outdated = magnet(*call).json
    assert families(outdated) == {"calls: per session": families(outdated)["calls: per session"]}
    assert any("at another temperature than now" in line for line in outdated["missing"])


def test_missing_answers_are_left_out_and_counted(
    magnet: Magnet, judge: JudgeEndpoint, tmp_path: Path
) -> None:
    store_arm(tmp_path, "warm", WARM, clients=range(2))
    store_arm(tmp_path, "cold", COLD, clients=range(2))
    judge.rule = lambda asked: (
        "I would rather not say."
        if asked.item == "focus" and "i hear you" in asked.session.lower()
        else points_for("i hear you")(asked)
    )
    magnet("eval", "warm", "cold", "--metrics", "ctrs", *JUDGE)
    found = magnet("compare", "warm", "cold", "--metrics", "ctrs", "--json").json
    items = families(found)["ctrs: items"]["overall"]
    assert items["focus"]["means"].keys() == {"cold"}
    assert items["focus"]["against"] == {}
    assert items["understanding"]["against"]["cold"]["pairs"] == 2
    assert (
        "ctrs: ours:m gave no usable answer 2 times on sessions of warm; they are left out"
        in found["missing"]
    )


def test_preferences_are_tested_and_rank_several_arms(magnet: Magnet, tmp_path: Path) -> None:
    arms = {
        method: store_arm(tmp_path, "pilot", WARM, method=method)
        for method in ("magnet", "cactus", "psych8k")
    }
    store_preferences(tmp_path, arms["magnet"], arms["cactus"])
    store_preferences(tmp_path, arms["magnet"], arms["psych8k"])
    store_preferences(tmp_path, arms["cactus"], arms["psych8k"])
    people = {"kind": RaterKind.HUMAN, "rater": "R1"}
    store_preferences(tmp_path, arms["cactus"][:2], arms["magnet"][:2], **people)
    call = ("compare", "pilot:magnet", "pilot:cactus", "pilot:psych8k", "--metrics", "preference")
    found = magnet(*call, "--json").json
    assert [arm["name"] for arm in found["arms"]] == list(call[1:4])
    by = {(one["rater"], one["arm"]): one for one in found["preferences"]}
    assert by.keys() == {
        ("ours:m", "pilot:cactus"),
        ("ours:m", "pilot:psych8k"),
        ("people", "pilot:cactus"),
    }
    judged = by["ours:m", "pilot:cactus"]
    assert (judged["overall"]["wins"], judged["overall"]["rate"]["estimate"]) == (CLIENTS, 1)
    assert judged["tests"]["safety"]["p_permutation"] == pytest.approx(2 / 2**CLIENTS)
    assert judged["by_attitude"]["neutral"]["wins"] == CLIENTS
    assert by["people", "pilot:cactus"]["overall"]["rate"]["estimate"] == 0
    (ranking,) = (one for one in found["rankings"] if one["rater"] == "ours:m")
    worths = [ranking["log_worths"][arm]["estimate"] for arm in call[1:4]]
    assert worths == sorted(worths, reverse=True)
    assert worths[0] - worths[2] > 2
    # A run of several methods stands for all of them, the first that was played first.
    assert magnet("compare", "pilot", "--metrics", "preference", "--json").json == found
    assert "ranking by preference: ours:m" in magnet(*call).said


def test_people_are_a_judge_of_their_own(magnet: Magnet, tmp_path: Path) -> None:
    warm, cold = (store_arm(tmp_path, *arm) for arm in (("warm", WARM), ("cold", COLD)))
    for rater, points in (("R1", 5), ("R2", 4)):
        store_ratings(tmp_path, warm, rater, points)
        store_ratings(tmp_path, cold, rater, points - 2)
    found = magnet("compare", "warm", "cold", "--metrics", "ctrs", "--json").json
    (family,) = found["families"]
    assert (family["judge"], family["standing"]) == ("people", "rated by people")
    focus = family["overall"]["focus"]
    assert (focus["means"]["warm"]["value"], focus["means"]["cold"]["value"]) == (4.5, 2.5)
    assert focus["against"]["cold"]["p_holm"] == pytest.approx(2 / 2**CLIENTS)


def test_calls_tokens_and_cost_of_played_sessions(magnet: Magnet, tmp_path: Path) -> None:
    run = ("generate", example_folder(), "--run", "pilot", "--methods", "magnet,cactus")
    magnet(*run, "--limit", 2, "--model", "fake", "--turns", 2)
    (tmp_path / "magnet.toml").write_text('[prices]\n"fake" = {prompt = 1, completion = 2}\n')
    found = magnet(
        "compare", "pilot", "--metrics", "calls,diversity", "--json", "--out", tmp_path / "found"
    )
    written = (tmp_path / "found" / "comparison.json").read_text()
    assert written == found.out
    (calls,) = found.json["families"]
    means = {name: one["means"]["pilot:magnet"]["value"] for name, one in calls["overall"].items()}
    # A plan, five drafts, the choice, the fusion and the client's answer.
    assert means["calls"] == 9
    cost = (means["prompt"] + 2 * means["completion"]) / 1e6
    assert means["cost"] == pytest.approx(cost)
    assert calls["overall"]["cost"]["against"]["pilot:cactus"]["difference"]["estimate"] > 0
    assert found.json["diversity"]["runs"].keys() == {"pilot:magnet", "pilot:cactus"}
    assert found.json["missing"] == []


def test_the_plan_says_how_many_clients_an_effect_takes(magnet: Magnet) -> None:
    """G*Power 3.1 gives 34 pairs for dz = 0.5 at a power of 80%, two-sided."""
    planned = magnet("compare", "--plan", "--effect", 0.5, "--json").json
    assert planned["0.5"]["one measure"] == 34
    assert planned["0.5"]["ctrs, six items"] > 34
    assert "clients needed" in magnet("compare", "--plan").said


def test_the_plan_takes_the_spread_of_a_pilot(magnet: Magnet, tmp_path: Path) -> None:
    warm = store_arm(tmp_path, "warm", WARM)
    cold = store_arm(tmp_path, "cold", COLD)
    for place, session in enumerate(warm):
        store_ratings(tmp_path, [session], "R1", 2 + 2 * (place % 2))
    store_ratings(tmp_path, cold, "R1", 2)
    call = ("compare", "warm", "cold", "--plan", "--difference", 0.5, "--difference", 1)
    (measure,) = magnet(*call, "--json").json
    # Differences of 0 and 2 points in turn.
    assert measure["spread"] == pytest.approx(2 * (2 / 7) ** 0.5)
    assert measure["needed"]["0.5"] > measure["needed"]["1.0"] > 2
    assert "Focus on key cognitions" in magnet(*call).said


def test_what_cannot_be_compared_is_said(magnet: Magnet, tmp_path: Path) -> None:
    for run in ("warm", "cold"):
        store_arm(tmp_path, run, WARM, clients=[1])
    for arguments, told in (
        (("warm",), "warm is one arm; name another"),
        ((), "name two arms or more"),
        (("warm", "nowhere"), "no run is named 'nowhere'"),
        (("warm", "cold", "--metrics", "mood"), "--metrics mood: expected some of ctrs"),
        (("--plan", "--effect", 0), "finite numbers and not 0"),
        (("--plan", "--effect", "nan"), "finite numbers and not 0"),
        (("--plan", "--difference", 1), "the two arms of a pilot"),
        (("warm", "--plan", "--difference", 1), "the two arms of a pilot, found warm"),
    ):
        done = magnet("compare", *arguments)
        assert done.code == 2
        assert told in done.said
