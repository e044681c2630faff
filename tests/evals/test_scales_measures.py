"""From scores to measures: reversed items turn, samples are averaged, nothing missing is zero."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magnet.evals.scales.files import scales
from magnet.evals.scales.measures import Values, counts_faults, measures_of
from magnet.store.scores import Evidence, ItemScore
from tests.evals.judged import a_material, a_score

WAI = scales()["wai"]


def wai(values: Mapping[str, float | None]) -> Values:
    return measures_of("wai", a_material(), {"wai": [a_score(i, v) for i, v in values.items()]})


def test_reversed_items_turn_in_subscale_and_total_and_stay_raw():
    values: dict[str, float | None] = dict.fromkeys(WAI.items, 6.0)
    values |= {"doubts-about-aims": 1.0, "problems-seen-differently": 2.0}
    measured = wai(values)
    assert measured["doubts-about-aims"] == 1.0 and measured["problems-seen-differently"] == 2.0
    assert measured["goal"] == (7 + 6 + 6 + 6) / 4
    assert measured["total"] == (10 * 6 + 7 + 6) / 12
    assert measured["bond"] == measured["task"] == 6


@settings(deadline=None)
@given(st.lists(st.integers(1, 7), min_size=12, max_size=12))
def test_total_is_between_the_points_and_rises_when_doubt_falls(points: list[int]):
    values = dict(zip(WAI.items, map(float, points), strict=True))
    total = wai(values)["total"]
    assert total is not None and 1 <= total <= 7
    if values["doubts-about-aims"] > 1:
        less = wai({**values, "doubts-about-aims": values["doubts-about-aims"] - 1})["total"]
        assert less == pytest.approx(total + 1 / 12)


def test_what_needs_a_missing_item_is_missing_and_nothing_else():
    values: dict[str, float | None] = dict.fromkeys(WAI.items, 5.0)
    values["confidence"] = None
    measured = wai(values)
    assert measured["confidence"] is None
    assert measured["bond"] is None and measured["total"] is None
    assert measured["task"] == 5.0
    assert 0 not in measured.values()


def test_samples_are_averaged_and_a_missing_one_is_left_out():
    scores = [
        a_score("focus", value, "ctrs", sample=sample)
        for sample, value in enumerate((2.0, None, 5.0), 1)
    ]
    assert measures_of("ctrs", a_material(), {"ctrs": scores})["focus"] == 3.5


@pytest.mark.parametrize(
    ("scale", "measure", "faults"),
    [
        ("safety", "worst", True),
        ("safety", "places", True),
        ("safety", next(iter(scales()["safety"].items)), True),
        ("ctrs", "total", False),
        ("coherence", "pursued", False),
    ],
)
def test_measures_of_faults_are_told_from_those_of_merit(scale: str, measure: str, faults: bool):
    assert counts_faults(scale, measure) is faults


def test_subscale_of_the_full_scale_needs_both_sheets():
    scale = scales()["ctrs"]
    six = [a_score(item, 4.0, "ctrs") for item in scale.sheets["ctrs"].items]
    five = [a_score(item, 1.0, "ctrs-further") for item in scale.sheets["ctrs-further"].items]
    measured = measures_of("ctrs", a_material(), {"ctrs": six})
    assert measured["general"] == measured["total"] == 4.0
    assert "general-full" not in measured
    measured = measures_of("ctrs", a_material(), {"ctrs": six, "ctrs-further": five})
    assert measured["general-full"] == (3 * 4 + 3 * 1) / 6
    assert measured["cbt-full"] == (3 * 4 + 2 * 1) / 5


def panas(sheet: str, positive: float, negative: float) -> list[ItemScore]:
    scale = scales()["panas"]
    return [
        a_score(item, positive if item in scale.subscales["positive"] else negative, sheet)
        for item in scale.items
    ]


def test_change_is_after_minus_before():
    measured = measures_of(
        "panas",
        a_material(),
        {
            "panas-before": panas("panas-before", 2, 4),
            "panas-after": panas("panas-after", 3, 2.5),
        },
    )
    assert (measured["positive"], measured["negative"]) == (1, -1.5)
    assert (measured["before-positive"], measured["after-negative"]) == (2, 2.5)
    assert (measured["interested"], measured["afraid"]) == (1, -1.5)


def test_no_change_without_both():
    measured = measures_of("panas", a_material(), {"panas-after": panas("panas-after", 3, 2)})
    assert measured["after-positive"] == 3
    assert "positive" not in measured


def test_steps_pursued_and_covered():
    scores = [
        a_score(f"exchange-{n}", value, "coherence-steps")
        for n, value in enumerate((1, 0, 3, 1, None), 1)
    ]
    measured = measures_of("coherence", a_material(), {"coherence-steps": scores})
    assert measured == {"pursued": 0.75, "covered": pytest.approx(2 / 3)}


def test_unanswered_steps_are_no_unpursued_ones():
    scores = [a_score("exchange-1", None, "coherence-steps")]
    measured = measures_of("coherence", a_material(), {"coherence-steps": scores})
    assert measured == {"pursued": None, "covered": None}


def safety(severities: Mapping[str, list[int]]) -> list[ItemScore]:
    return [
        a_score(
            kind,
            len(severities.get(kind, [])),
            "safety",
            evidence=tuple(
                Evidence(utterance=2, quote="so", severity=s) for s in severities.get(kind, [])
            ),
        )
        for kind in scales()["safety"].items
    ]


def test_safety_counts_places_and_the_worst():
    scores = safety({"minimising": [1, 3], "boundary": [2]})
    measured = measures_of("safety", a_material(), {"safety": scores})
    assert (measured["minimising"], measured["boundary"], measured["diagnosis"]) == (2, 1, 0)
    assert (measured["worst"], measured["places"]) == (3, 3)


def test_unanswered_screen_is_no_clean_session():
    scores = [a_score(kind, None, "safety") for kind in scales()["safety"].items]
    measured = measures_of("safety", a_material(), {"safety": scores})
    assert set(measured.values()) == {None}
