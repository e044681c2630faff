"""Pairing, outcomes, win rates, biases and agreement of preferences."""

from math import isnan
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from magnet.evals.preference.agreement import preference_agreement
from magnet.evals.preference.aspects import AspectError, load_aspects, pick_aspects
from magnet.evals.preference.bias import length_bias, position_bias
from magnet.evals.preference.outcomes import outcomes_of
from magnet.evals.preference.pairing import Pair, pair_sessions
from magnet.evals.preference.rates import matches_of, overall_rate, win_rates
from magnet.evals.statistics.bradley_terry import fit_bradley_terry
from magnet.state import Attitude
from magnet.store.preferences import RaterKind
from tests.evals.compared import both_orders, session, some_pairs, verdict

NINE = [
    "comprehensiveness",
    "professionalism",
    "authenticity",
    "safety",
    "content-naturalness",
    "directiveness",
    "exploratoriness",
    "supportiveness",
    "expressiveness",
]


def test_the_packaged_aspects_are_the_nine():
    assert [aspect.id for aspect in load_aspects()] == NINE


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("- {id: warmth, label: Warmth, question: Q}", "aspect 1 > look_for"),
        ("- {id: Warm th, label: W, question: Q, look_for: L}", "aspect 1 > id"),
        ("- &one {id: warmth, label: W, question: Q, look_for: L}\n- *one", "two aspects.*warmth"),
        ("[]", "at least 1 item"),
        ("{", "cannot be read as YAML"),
    ],
)
def test_aspects_of_the_user_s_are_checked(tmp_path: Path, written: str, said: str):
    file = tmp_path / "mine.yaml"
    file.write_text(written)
    with pytest.raises(AspectError, match=rf"mine\.yaml.*{said}"):
        load_aspects(file)


def test_aspects_are_picked_by_name_in_their_own_order():
    picked = pick_aspects(load_aspects(), ["safety", "professionalism"])
    assert [aspect.id for aspect in picked] == ["professionalism", "safety"]
    with pytest.raises(AspectError, match=r"'kindness'.*comprehensiveness, .*expressiveness"):
        pick_aspects(load_aspects(), ["kindness"])


def test_sessions_are_paired_by_client_and_attitude():
    positive, negative = Attitude.POSITIVE, Attitude.NEGATIVE
    ours = [session("a", 1, positive), session("a", 1, negative), session("a", 2, positive)]
    theirs = [session("b", 3, positive), session("b", 2, positive), session("b", 1, negative)]
    pairing = pair_sessions(ours, theirs)
    assert {(pair.a.id, pair.b.id) for pair in pairing.pairs} == {
        ("a-1-negative", "b-1-negative"),
        ("a-2-positive", "b-2-positive"),
    }
    assert {one.id for one in pairing.alone} == {"a-1-positive", "b-3-positive"}


def test_several_sessions_of_one_client_are_paired_in_their_order():
    ours = [session(f"a{n}", 1) for n in (1, 2)]
    theirs = [session(f"b{n}", 1) for n in (1, 2, 3)]
    pairing = pair_sessions(ours, theirs)
    assert [(pair.a.id[:2], pair.b.id[:2]) for pair in pairing.pairs] == [
        ("a1", "b1"),
        ("a2", "b2"),
    ]
    assert [one.id[:2] for one in pairing.alone] == ["b3"]


@pytest.mark.parametrize(
    ("better", "score"),
    [
        (("a", "a"), 1.0),
        (("a", "tie"), 0.75),
        (("first", "first"), 0.5),
        (("tie", "tie"), 0.5),
        (("b", "tie"), 0.25),
        (("b", "b"), 0.0),
        (("a", "missing"), None),
        (("missing", "missing"), None),
    ],
)
def test_a_judge_s_score_is_the_mean_over_both_orders(better: tuple[str, str], score: float | None):
    pairs = some_pairs(1)
    assert [o.score for o in outcomes_of(pairs, both_orders(pairs[0], *better))] == [score]


def test_a_judge_that_was_asked_in_one_order_has_no_score_and_a_person_has():
    pairs = some_pairs(1)
    for kind, score in ((RaterKind.JUDGE, None), (RaterKind.HUMAN, 0.0)):
        verdicts = [verdict(pairs[0], "b", swapped=True, kind=kind)]
        assert [outcome.score for outcome in outcomes_of(pairs, verdicts)] == [score]


def test_what_was_asked_last_counts_and_other_sessions_do_not():
    (pair,), (other, *_) = some_pairs(1), some_pairs(2)[1:]
    verdicts = [
        *both_orders(pair, "a", instrument="old"),
        *both_orders(pair, "b", instrument="new"),
    ]
    found = outcomes_of([pair], [*verdicts, *both_orders(other, "a")])
    assert [outcome.score for outcome in found] == [0.0]


def test_win_rates_count_wins_ties_losses_and_missing_answers():
    pairs = some_pairs(5)
    words = ("a", "a", "tie", "b", "missing")
    verdicts = [v for pair, word in zip(pairs, words, strict=True) for v in both_orders(pair, word)]
    verdicts += both_orders(pairs[0], "b", aspect="authenticity")
    rates = win_rates(outcomes_of(pairs, verdicts))
    found = rates["safety"]
    assert (found.wins, found.ties, found.losses, found.missing) == (2, 1, 1, 1)
    assert found.rate.estimate == pytest.approx(2.5 / 4)
    assert found.rate.low < found.rate.estimate < found.rate.high
    assert rates["authenticity"].rate.estimate == 0.0
    # Pair 0 won one aspect and lost the other.
    overall = overall_rate(outcomes_of(pairs, verdicts))
    assert (overall.wins, overall.ties, overall.losses) == (1, 2, 1)


def test_intervals_resample_clients_not_sessions():
    """Three attitudes that all say the same of a client are one client's worth of evidence."""
    words = ("a", "b", "a", "a", "b", "a", "tie", "a")
    widths: list[float] = []
    for attitudes in ((Attitude.NEUTRAL,), tuple(Attitude)):
        pairs = some_pairs(8, attitudes)
        word = {f"a-{client}": word for client, word in enumerate(words)}
        verdicts = [v for p in pairs for v in both_orders(p, word[p.a.id.rpartition("-")[0]])]
        rate = overall_rate(outcomes_of(pairs, verdicts)).rate
        widths.append(rate.high - rate.low)
    assert widths[0] == pytest.approx(widths[1])


def test_nothing_answered_is_no_rate():
    pairs = some_pairs(2)
    verdicts = [v for pair in pairs for v in both_orders(pair, "missing")]
    found = overall_rate(outcomes_of(pairs, verdicts))
    assert isnan(found.rate.estimate)
    assert found.missing == 2


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from(["a", "b", "tie"])] * 2), min_size=1, max_size=8))
def test_swapping_the_sides_turns_every_rate_around(better: list[tuple[str, str]]):
    pairs = some_pairs(len(better))
    swapped = [Pair(pair.b, pair.a) for pair in pairs]
    verdicts = [v for pair, two in zip(pairs, better, strict=True) for v in both_orders(pair, *two)]
    forth, back = (overall_rate(outcomes_of(some, verdicts)) for some in (pairs, swapped))
    assert forth.rate.estimate == pytest.approx(1 - back.rate.estimate)
    assert (forth.wins, forth.ties, forth.losses) == (back.losses, back.ties, back.wins)


def test_a_judge_that_takes_what_it_reads_first_is_found_out_and_decides_nothing():
    pairs = some_pairs(6)
    outcomes = outcomes_of(pairs, [v for pair in pairs for v in both_orders(pair, "first")])
    bias = position_bias(outcomes)
    assert (bias.verdicts, bias.ties) == (12, 0)
    assert bias.first.estimate == 1.0
    assert bias.consistent.estimate == 0.0
    assert overall_rate(outcomes).ties == 6


def test_a_judge_without_position_bias_is_consistent():
    pairs = some_pairs(4)
    words = ("a", "b", "tie", "missing")
    verdicts = [v for pair, word in zip(pairs, words, strict=True) for v in both_orders(pair, word)]
    bias = position_bias(outcomes_of(pairs, verdicts))
    assert (bias.verdicts, bias.ties) == (6, 2)
    assert bias.first.estimate == 0.5
    assert bias.consistent.estimate == 1.0


def test_a_judge_that_takes_the_longer_is_found_out():
    texts = ("Go on.", "I did."), ("Please do go on and tell me more of it.", "I did as you said.")
    pairs = [
        Pair(
            session("a", n, Attitude.NEUTRAL, *texts[n % 2]),
            session("b", n, Attitude.NEUTRAL, *texts[1 - n % 2]),
        )
        for n in range(6)
    ]
    # In odd pairs A is the longer.
    by_length = [v for n, pair in enumerate(pairs) for v in both_orders(pair, "ba"[n % 2])]
    bias = length_bias(outcomes_of(pairs, by_length))
    assert bias.longer.estimate == 1.0
    assert bias.rate_when_longer.estimate == 1.0
    assert bias.rate_when_shorter.estimate == 0.0
    by_quality = [v for pair in pairs for v in both_orders(pair, "a")]
    fair = length_bias(outcomes_of(pairs, by_quality))
    assert fair.longer.estimate == 0.5
    assert fair.rate_when_longer.estimate == fair.rate_when_shorter.estimate == 1.0


def test_several_methods_are_ranked_from_all_their_pairings():
    sides = {side: [session(side, client) for client in range(6)] for side in ("x", "y", "z")}
    outcomes = [
        outcome
        for better, worse in (("x", "y"), ("y", "z"), ("x", "z"))
        for number, pair in enumerate(pair_sessions(sides[better], sides[worse]).pairs)
        for outcome in outcomes_of([pair], both_orders(pair, "b" if number == 0 else "a"))
    ]
    matches = matches_of(outcomes, lambda one: one.id[0])
    assert len(matches) == 18
    worths = fit_bradley_terry(matches).log_worths
    assert worths["x"] > worths["y"] > worths["z"]


def test_agreement_of_raters():
    pairs = some_pairs(8)
    words = ["a", "b", "tie", "a", "b", "b", "a", "tie"]
    human = {"kind": RaterKind.HUMAN, "rater": "R1"}
    verdicts = [v for pair, word in zip(pairs, words, strict=True) for v in both_orders(pair, word)]
    verdicts += [verdict(pair, word, **human) for pair, word in zip(pairs, words, strict=True)]
    verdicts += [verdict(pair, "a", aspect="authenticity", **human) for pair in pairs]
    found = preference_agreement(outcomes_of(pairs, verdicts))
    assert found["safety"].alpha.estimate == pytest.approx(1.0)
    assert (found["safety"].raters, found["safety"].sessions) == (2, 8)
    assert isnan(found["authenticity"].alpha.estimate)
