"""Where feelings turn for the worse, in sessions whose feelings are planted."""

from collections.abc import Sequence

import pytest

from magnet.evals.affect.course import Course, Moment, course_of
from magnet.evals.affect.deterioration import PASSAGES, find_deterioration
from magnet.evals.affect.markdown import deterioration_markdown
from magnet.evals.affect.parts import judge_input_until, parts_of
from magnet.evals.scales.files import scales
from magnet.evals.scales.judge_input import judge_input_of
from magnet.evals.scales.measures import Values
from magnet.state import Attitude, ExchangeRecord, Selection
from magnet.store.records import Session
from tests.evals.spoken import a_person, spoken
from tests.store.made import PROVENANCE

PANAS = scales()["panas"].subscales


def talk(
    exchanges: int,
    name: str = "Ida Brandt",
    attitude: Attitude = Attitude.NEUTRAL,
    chosen: Sequence[str] = (),
) -> Session:
    """A session of so many exchanges; `chosen` are the techniques of each, in turn."""
    said = [f"{who} {number}." for number in range(1, exchanges + 1) for who in ("You", "I")]
    session = spoken(*said, client=a_person(name, attitude), id=f"{name} {attitude}")
    records = tuple(
        ExchangeRecord(
            index=number,
            selection=Selection(exchange=number, techniques=(technique,), provenance=PROVENANCE),
        )
        for number, technique in enumerate(chosen, 1)
    )
    return spoken(*said, client=session.client, id=session.id, exchanges=records)


def felt(positive: float | None, negative: float | None, **feelings: float) -> Moment:
    """Feelings that are all alike in each subscale, but for those that are named."""
    values: Values = {"positive": positive, "negative": negative}
    values |= dict.fromkeys(PANAS["positive"], positive) | dict.fromkeys(
        PANAS["negative"], negative
    )
    return Moment(values={**values, **feelings}, reason="So it is.")


def course(session: Session, *moments: Moment, column: str = "pilot") -> Course:
    found = course_of(column, session, moments)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("exchanges", "ends"),
    [(20, (7, 13, 20)), (4, (1, 3, 4)), (3, (1, 2, 3)), (2, (1, 2)), (1, (1,)), (0, ())],
)
def test_parts_cover_a_session_without_a_gap(exchanges: int, ends: tuple[int, ...]):
    parts = parts_of(talk(exchanges))
    assert tuple(part.last for part in parts) == ends
    assert [part.first for part in parts] == [1, *(end + 1 for end in ends)][: len(parts)]


def test_a_part_is_judged_as_if_the_session_ended_there():
    session = talk(4)
    first, _, last = parts_of(session)
    cut = judge_input_until(session, first)
    assert cut.lines == judge_input_of(session).lines[:4]
    assert cut.subject != session.id
    # The whole is what other scales are judged on: its scores are there already.
    assert judge_input_until(session, last) == judge_input_of(session)


def test_a_course_says_where_it_goes_down_and_by_which_feelings():
    session = talk(3)
    found = course(session, felt(2, 3), felt(3, 3), felt(2.5, 3.5, ashamed=5, proud=1), felt(4, 2))
    assert [change.balance for change in found.changes] == [1, -1, 3]
    assert [change.is_worse for change in found.changes] == [False, True, False]
    assert found.balance == 3
    assert not found.is_worse
    worse = found.changes[1].feelings
    assert list(worse)[:2] == ["proud", "ashamed"]
    assert (worse["proud"], worse["ashamed"], worse["afraid"]) == (-2, 2, 0.5)
    assert found.changes[0].feelings == {}


def test_a_missing_score_is_no_change():
    assert course_of("x", talk(2), [felt(2, 3), felt(None, 3), felt(2, 3)]) is None


REFLECTION, SOLUTIONS = "reflection", "solutions"


def test_worsening_is_found_where_it_was_planted():
    """Clients go down in the second part, in which solutions are chosen, and only there."""
    chosen = (REFLECTION, SOLUTIONS, REFLECTION)
    moments = (felt(2, 3), felt(3, 3), felt(2, 4), felt(3, 3))
    steady = (felt(2, 3), felt(2, 3), felt(2, 3), felt(2, 3))
    down = [course(talk(3, f"Client {n}", chosen=chosen), *moments) for n in range(3)]
    level = [
        course(talk(3, f"Client {n}", chosen=chosen), *steady, column="other") for n in range(3)
    ]
    found = find_deterioration("a", [*down, *level], missing=1)
    assert {group.name: group.worse for group in found.parts} == {
        "pilot, part 1": 0,
        "pilot, part 2": 3,
        "pilot, part 3": 0,
        "other, part 1": 0,
        "other, part 2": 0,
        "other, part 3": 0,
    }
    uses = {use.technique: use for use in found.techniques}
    assert (uses[SOLUTIONS].in_worse, uses[SOLUTIONS].elsewhere) == (1, 3 / 15)
    assert (uses[REFLECTION].in_worse, uses[REFLECTION].elsewhere) == (0, 12 / 15)
    assert [(group.name, group.balance) for group in found.columns] == [("pilot", 1), ("other", 0)]
    assert (found.sessions, found.missing) == (6, 1)
    assert {passage.part for passage in found.passages} == {2}
    line = found.passages[0].lines[0]
    assert (line.exchange, line.counselor, line.client) == (2, "You 2.", "I 2.")
    assert line.techniques == (SOLUTIONS,)


def test_the_worst_come_first_and_not_all_of_them():
    courses = [
        course(talk(1, f"Client {n}"), felt(5, 1), felt(5 - n / 10, 1)) for n in range(PASSAGES + 5)
    ]
    found = find_deterioration("a", courses)
    balances = [passage.balance for passage in found.passages]
    assert balances == sorted(balances)
    assert len(balances) == PASSAGES
    assert found.clients[0].name == f"Client {PASSAGES + 4}"


def test_attitudes_of_a_client_are_one_in_intervals():
    alone = [
        course(talk(1, attitude=attitude), felt(3, 3), felt(3 + n, 3))
        for n, attitude in enumerate(Attitude)
    ]
    (group,) = find_deterioration("a", alone).columns
    assert (group.count, group.balance) == (3, 1)
    assert (group.low, group.high) == (None, None)


def test_the_page_shows_text_as_it_was_said():
    session = spoken("Try *this* | that.", "No_no <b>.", client=a_person("Ida [B]"), id="s")
    page = deterioration_markdown(
        find_deterioration("a", [course(session, felt(3, 3), felt(2, 3))])
    )
    assert "### Ida \\[B], neutral, pilot: part 1, -1.00" in page
    assert "interested -1.0" in page
    assert "**Counselor**: Try \\*this\\* \\| that." in page
    assert "**Client**: No\\_no \\<b>." in page


def test_what_only_rounding_changed_is_no_worse_in_any_group():
    found = find_deterioration("a", [course(talk(1), felt(2.1, 1.5), felt(2.3, 1.7))])
    assert [group.worse for group in (*found.columns, *found.clients, *found.parts)] == [0, 0, 0]


def test_a_run_without_worsening_says_so():
    page = deterioration_markdown(
        find_deterioration("a", [course(talk(1), felt(2, 3), felt(3, 3))])
    )
    assert "Feelings turn for the worse in no part of any session." in page
