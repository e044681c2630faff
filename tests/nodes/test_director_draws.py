"""What the director draws and counts: phases, intentions, lengths, feelings, questions, ends."""

from collections import Counter
from itertools import pairwise
from random import Random
from statistics import median
from typing import cast
from unittest.mock import Mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnet.nodes.director.affect import AffectChange, changed, first_affect, usual_change
from magnet.nodes.director.affect_guard import mood_falls
from magnet.nodes.director.closing import ending_of
from magnet.nodes.director.inner_life import draw_manner, intentions
from magnet.nodes.director.novelty import draw_question
from magnet.nodes.director.phases import phase_of, scheduled_step
from magnet.state import (
    Affect,
    Attitude,
    Direction,
    Farewell,
    Intention,
    LeaveReason,
    Phase,
    Provenance,
    SessionSettings,
    SessionState,
    start_session,
)
from magnet.state.director import FEWEST_WORDS, MOST_WORDS, Ending, Manner, steps_wanted
from tests.scripted import make_client

PROVENANCE = Provenance(seed=0)
EXCHANGES = range(1, 81)  # turn limits 2 to 160
ORDER = list(Phase)


@pytest.mark.parametrize("exchanges", EXCHANGES)
def test_phases_come_in_their_order_and_end_in_closing(exchanges: int) -> None:
    phases = [phase_of(exchange, exchanges) for exchange in range(1, exchanges + 1)]
    assert all(ORDER.index(a) <= ORDER.index(b) for a, b in pairwise(phases))
    closing = phases.count(Phase.CLOSING)
    assert closing == (2 if exchanges >= 4 else 1)
    assert phases[-closing:] == [Phase.CLOSING] * closing
    if exchanges > 1:
        assert phases[0] is Phase.OPENING
    if exchanges >= 6:
        assert set(phases) == set(Phase)
        assert phases.count(Phase.WORKING) >= max(1, exchanges // 4)


@pytest.mark.parametrize("exchanges", EXCHANGES)
def test_steps_get_their_time_in_order_and_the_last_one_closes(exchanges: int) -> None:
    steps = steps_wanted(exchanges)
    assert 3 <= steps <= 5
    due = [scheduled_step(exchange, exchanges, steps) for exchange in range(1, exchanges + 1)]
    assert due == sorted(due)
    assert due[-1] == steps
    assert due[0] >= 1
    if exchanges >= 8:
        assert set(due) == set(range(1, steps + 1))


def manners(attitude: Attitude, phase: Phase | None, count: int = 4000) -> list[Manner]:
    rng = Random(f"{attitude}/{phase}")
    return [draw_manner(rng, attitude, phase) for _ in range(count)]


@pytest.mark.parametrize("attitude", Attitude)
def test_lengths_are_short_by_median_and_widely_spread(attitude: Attitude) -> None:
    words = sorted(
        manner.words
        for phase, exchanges in Counter(phase_of(e, 20) for e in range(1, 21)).items()
        for manner in manners(attitude, phase, 200 * exchanges)
    )
    assert 24 <= median(words) <= 40
    assert words[len(words) // 20] <= 10
    assert words[-len(words) // 20] >= 85
    assert words[0] >= FEWEST_WORDS
    assert words[-1] <= MOST_WORDS


@given(st.integers(0, 2**31), st.sampled_from(Attitude), st.sampled_from([*Phase, None]))
def test_a_seed_decides_a_draw_and_bounds_hold(
    seed: int, attitude: Attitude, phase: Phase | None
) -> None:
    manner = draw_manner(Random(seed), attitude, phase)
    assert manner == draw_manner(Random(seed), attitude, phase)
    assert FEWEST_WORDS <= manner.words <= MOST_WORDS


def shares(attitude: Attitude, phase: Phase | None) -> dict[Intention, float]:
    drawn = manners(attitude, phase)
    counts = Counter(manner.intention for manner in drawn)
    return {intention: counts[intention] / len(drawn) for intention in Intention}


@pytest.mark.parametrize("phase", [Phase.EXPLORATION, Phase.WORKING, None])
def test_a_resistant_client_resists_and_a_willing_one_opens_up(phase: Phase | None) -> None:
    by_attitude = [shares(attitude, phase) for attitude in Attitude]  # from willing to resistant
    for guarded in (Intention.RESIST, Intention.ANSWER_SHORTLY, Intention.DRIFT):
        assert sorted(s[guarded] for s in by_attitude) == [s[guarded] for s in by_attitude]
    for open_ in (Intention.DISCLOSE, Intention.REPORT_INSIGHT):
        assert sorted((s[open_] for s in by_attitude), reverse=True) == [
            s[open_] for s in by_attitude
        ]
    negative = shares(Attitude.NEGATIVE, phase)
    assert negative[Intention.RESIST] > negative[Intention.DISCLOSE]


def test_the_phase_decides_what_it_is_too_early_for() -> None:
    opening = shares(Attitude.POSITIVE, Phase.OPENING)
    assert opening[Intention.REPORT_INSIGHT] == opening[Intention.TRY_OUT] == 0
    late = shares(Attitude.POSITIVE, Phase.CONSOLIDATION)
    assert (
        late[Intention.TRY_OUT]
        > 2 * shares(Attitude.POSITIVE, Phase.EXPLORATION)[Intention.TRY_OUT]
    )
    assert shares(Attitude.NEGATIVE, Phase.CLOSING)[Intention.DRIFT] == 0


def test_every_intention_has_a_row_and_can_be_drawn_by_every_attitude() -> None:
    assert set(intentions()) == set(Intention)
    assert all(row.attitudes.keys() == set(Attitude) for row in intentions().values())
    for attitude in Attitude:
        assert all(share > 0 for share in shares(attitude, Phase.WORKING).values())


ANY_CHANGE = st.builds(
    AffectChange,
    mood=st.sampled_from(["worse", "same", "better"]),
    tension=st.sampled_from(["calmer", "same", "tenser"]),
    trust=st.sampled_from(["less", "same", "more"]),
)


@given(st.sampled_from(Attitude), st.lists(ANY_CHANGE, max_size=40))
def test_feelings_go_where_they_are_said_to_and_stay_in_bounds(
    attitude: Attitude, changes: list[AffectChange]
) -> None:
    affect = first_affect(attitude)
    for change in changes:
        after = changed(affect, change, PROVENANCE)
        assert after.exchange == affect.exchange + 1
        for value, was, low, same in (
            (after.valence, affect.valence, change.mood == "worse", change.mood == "same"),
            (after.arousal, affect.arousal, change.tension == "calmer", change.tension == "same"),
            (after.trust, affect.trust, change.trust == "less", change.trust == "same"),
        ):
            assert value == was if same else (value <= was if low else value >= was)
        affect = after


def test_the_usual_change_follows_the_intention() -> None:
    assert usual_change(None) == AffectChange(mood="same", tension="same", trust="same")
    resisting = usual_change(Manner(intention=Intention.RESIST, words=10))
    assert resisting == AffectChange(mood="worse", tension="tenser", trust="less")
    trying = usual_change(Manner(intention=Intention.TRY_OUT, words=10))
    assert (trying.mood, trying.tension) == ("better", "calmer")


def a_state(turn_limit: int = 40, **more: object) -> SessionState:
    settings = SessionSettings(turn_limit=turn_limit, min_turns=turn_limit // 2)
    return cast(SessionState, {**start_session(make_client(), settings), **more})


def feelings(*valences: float, trust: float = 0.5) -> list[Affect]:
    return [
        Affect(exchange=number, valence=valence, arousal=0.5, trust=trust)
        for number, valence in enumerate(valences, 1)
    ]


@pytest.mark.parametrize(
    ("valences", "falls"),
    [
        ((0.0, -0.1, -0.2), True),
        ((0.5, 0.0, -0.1, -0.2), True),
        ((0.0, -0.1, -0.1), False),
        ((0.0, 0.1, -0.2), False),
        ((0.0, -0.1), False),
        ((), False),
    ],
)
def test_the_mood_falls_when_it_fell_twice(valences: tuple[float, ...], falls: bool) -> None:
    assert mood_falls(a_state(affects=feelings(*valences)), max(1, len(valences))) is falls


def test_questions_end_about_half_of_the_turns_at_most() -> None:
    asked_shares: list[float] = []
    for seed in range(300):
        rng, said = Random(seed), list[str]()
        for _ in range(20):
            said.append("And then?" if draw_question(said, rng) else "I see.")
            assert 2 * said.count("And then?") <= len(said) + 2
        asked_shares.append(said.count("And then?") / len(said))
    assert 0.4 <= median(asked_shares) <= 0.55
    assert max(asked_shares) <= 0.55


@pytest.mark.parametrize("exchanges", EXCHANGES)
def test_without_feelings_a_session_closes_at_its_limit(exchanges: int) -> None:
    state = a_state(turn_limit=2 * exchanges)
    quiet = Mock(spec=Random, random=lambda: 0.99)
    ends = [ending_of(state, exchange, quiet) for exchange in range(1, exchanges + 1)]
    told = [end.farewell for end in ends if end]
    assert told == [Farewell.SUMMARY, Farewell.GOODBYE][-2 if exchanges >= 4 else -1 :]
    assert ends[-1] == Ending(farewell=Farewell.GOODBYE)


def leaving(valence: float, trust: float) -> Counter[LeaveReason | None]:
    affects = feelings(*[valence] * 12, trust=trust)
    found = [ending_of(a_state(affects=affects), 12, Random(seed)) for seed in range(2000)]
    assert all(end is None or end.farewell is Farewell.ANNOUNCED for end in found)
    return Counter(end.leaving if end else None for end in found)


def test_a_client_leaves_for_the_reason_that_it_has() -> None:
    well, hopeless, wary = leaving(0.6, 0.8), leaving(-0.9, 0.5), leaving(0.0, 0.05)
    assert well[LeaveReason.RELIEVED] > 80
    assert well[LeaveReason.FED_UP] == 0
    for enough in (hopeless, wary):
        assert enough[LeaveReason.FED_UP] > 80
        assert enough[LeaveReason.RELIEVED] == 0
    assert 0 < leaving(0.0, 0.5)[LeaveReason.OBLIGATION] < 60


def test_nobody_leaves_before_the_fewest_turns() -> None:
    affects = feelings(*[-1.0] * 20, trust=0.0)
    for exchange in range(1, 9):  # the announcement and one more make 18 turns of 20
        ends = [ending_of(a_state(affects=affects), exchange, Random(s)) for s in range(200)]
        assert ends == [None] * 200
    assert any(ending_of(a_state(affects=affects), 9, Random(s)) for s in range(200))


def test_who_has_announced_it_leaves_in_the_next_exchange() -> None:
    announced = Ending(farewell=Farewell.ANNOUNCED, leaving=LeaveReason.FED_UP)
    state = a_state(directions=[Direction(exchange=12, ending=announced)])
    last = ending_of(state, 13, Random(0))
    assert last == Ending(farewell=Farewell.GOODBYE, leaving=LeaveReason.FED_UP)


@pytest.mark.parametrize(
    ("exchange", "instead"),
    [(13, None), (19, Ending(farewell=Farewell.SUMMARY)), (20, Ending(farewell=Farewell.GOODBYE))],
)
def test_who_may_not_leave_yet_stays_until_the_session_is_over(
    exchange: int, instead: Ending | None
) -> None:
    announced = Ending(farewell=Farewell.ANNOUNCED, leaving=LeaveReason.FED_UP)
    state = a_state(directions=[Direction(exchange=exchange - 1, ending=announced)])
    assert ending_of(state, exchange, Random(0), may_leave=False) == instead
