"""Which sessions a report shows in full: the worst and the best of each arm."""

from collections.abc import Iterator, Sequence

from magnet.evals.comparison.arms import Arm
from magnet.evals.comparison.families import Family
from magnet.evals.comparison.formats import shown
from magnet.evals.comparison.scored import Scored
from magnet.evals.judging.stored_scores import JudgedSession
from magnet.evals.report.sections import ReportedSession
from magnet.evals.scales.files import questionnaires
from magnet.evals.scales.measures import counts_faults
from magnet.store import Session

_OF_EACH = 2


def pick_readings(
    families: Sequence[Family], scored: Scored, arms: Sequence[Arm]
) -> list[ReportedSession]:
    """Choose by the first measure that is judged; a judge that ranks its check goes first.

    Args:
        families: those of `scale_families`.
        scored: what they were made from.
        arms: whose sessions.

    Returns:
        At most four of each arm; nothing if nothing is judged.
    """
    ordered = sorted(families, key=lambda family: not family.trusted)
    if not ordered:
        return []
    family = ordered[0]
    judge = family.judge or ""
    judged = {one.session.id: one for one in scored.judged[family.metric][judge]}
    return [reading for arm in arms for reading in _of_arm(family, arm, judged)]


def _of_arm(
    family: Family, arm: Arm, judged: dict[str, JudgedSession]
) -> Iterator[ReportedSession]:
    measure, (label, unit) = next(iter(family.measures.items()))
    valued: list[tuple[float, Session]] = [
        (value, session)
        for session in arm.sessions
        if (value := family.of(session, measure)) is not None
    ]
    valued.sort(key=lambda one: one[0], reverse=counts_faults(family.metric, measure))
    worst = valued[: min(_OF_EACH, len(valued) // 2)]
    best = valued[len(worst) :][-_OF_EACH:]
    for place, some in (("worst", worst), ("best", best[::-1])):
        for value, session in some:
            yield ReportedSession(
                session=session,
                arm=arm.name,
                place=f"among the {place} of its arm, {family.metric} {label} "
                f"{shown(value, unit)}, judge {family.judge}",
                scores=list(_reasons(judged[session.id])),
            )


def _reasons(one: JudgedSession) -> Iterator[tuple[str, str, str]]:
    """Yield the first sample's scores with what the judge said."""
    for sheet, scores in one.scores.items():
        items = questionnaires()[sheet].items
        for score in scores:
            if score.sample == 1 and score.item in items:
                value = "missing" if score.value is None else f"{score.value:g}"
                yield items[score.item].title, value, score.reason
