"""Which sessions a report takes for the worst and the best."""

import pytest

from magnet.evals.comparison.arms import Arm
from magnet.evals.comparison.families import Family
from magnet.evals.comparison.scored import Scored
from magnet.evals.judging.stored_scores import JudgedSession
from magnet.evals.report.readings import pick_readings
from tests.evals.spoken import spoken


@pytest.mark.parametrize(
    ("scale", "measure", "worst"), [("safety", "worst", "s3"), ("ctrs", "total", "s0")]
)
def test_the_worst_is_the_lowest_of_merit_and_the_highest_of_harm(
    scale: str, measure: str, worst: str
) -> None:
    sessions = [spoken("Try this.", "No.", id=f"s{n}") for n in range(4)]
    values = {session.id: {measure: float(n)} for n, session in enumerate(sessions)}
    family = Family(
        metric=scale, title=scale, measures={measure: (measure, "points")}, values=values, judge="j"
    )
    judged = [JudgedSession(session, {}, values[session.id]) for session in sessions]
    scored = Scored(judged={scale: {"j": judged}}, checks={})
    first, *_ = pick_readings([family], scored, [Arm("pilot", "pilot", sessions)])
    assert first.place.startswith("among the worst")
    assert first.session.id == worst
