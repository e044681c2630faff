"""What judges and people have scored in each session, a family of tests for each scale."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from magnet.evals.calibration.dialogues import intended
from magnet.evals.calibration.judge_check import JudgeCheck, read_check
from magnet.evals.comparison.arms import Arm
from magnet.evals.comparison.families import Family
from magnet.evals.comparison.results import Unit
from magnet.evals.judging.stored_scores import JudgedSession, read_judged
from magnet.evals.rating_kit.unblinding import is_person
from magnet.evals.scales.files import scales
from magnet.evals.scales.judge_input import judge_input_of
from magnet.evals.scales.measures import Values, measures_of
from magnet.sessions.workspace import Workspace
from magnet.store.scores import ItemScore

PEOPLE = "people"
"""Stands for all human raters together, in the place of a judge's model id."""


@dataclass(frozen=True, slots=True)
class Scored:
    """All that is stored about sessions on scales."""

    judged: Mapping[str, Mapping[str, Sequence[JudgedSession]]]
    """By scale and judge, of the sessions that have any score as judges are asked now; people are
    one judge, and each of them a sample."""
    checks: Mapping[str, JudgeCheck]
    """By judge, people left out."""
    outdated: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """By scale, judges all of whose scores answer other words or another temperature."""


async def read_scored(
    workspace: Workspace, arms: Sequence[Arm], names: Sequence[str] | None = None
) -> Scored:
    """Read what is stored about the sessions of arms.

    Args:
        workspace: where it is stored.
        arms: whose sessions.
        names: of scales; none is all.

    Raises:
        StoreError: if the database cannot be read.
    """
    sessions = [session for arm in arms for session in arm.sessions]
    stored = await workspace.store.scores.of(sorted(session.id for session in sessions))
    raters = dict.fromkeys(score.judge for score in stored)
    judges = [judge for judge in raters if not is_person(judge)]
    judged: dict[str, dict[str, Sequence[JudgedSession]]] = {}
    outdated: dict[str, list[str]] = {}
    for scale in scales() if names is None else names:
        judged[scale] = {}
        sheets = scales()[scale].sheets
        for judge in judges:
            read = await read_judged(workspace, sessions, scale, judge)
            if found := [one for one in read if _was_asked(one)]:
                judged[scale][judge] = found
            elif any(score.judge == judge and score.sheet in sheets for score in stored):
                outdated.setdefault(scale, []).append(judge)
        by_people = [s for s in stored if is_person(s.judge) and s.sheet in sheets]
        if by_people:
            judged[scale][PEOPLE] = _of_people(scale, by_people, arms)
    checks = {judge: await read_check(workspace, judge) for judge in judges}
    return Scored(judged, checks, outdated)


def scale_families(scored: Scored) -> list[Family]:
    """Return the items of each scale by each judge, and by themselves its subscales and totals."""
    return [
        family
        for scale, judges in scored.judged.items()
        for judge, sessions in judges.items()
        for family in _families(scale, judge, sessions, scored.checks.get(judge))
    ]


def gaps(scored: Scored, arms: Sequence[Arm]) -> Iterator[str]:
    """Yield which scores are not there, and which should not be believed."""
    runs = " ".join(dict.fromkeys(arm.run for arm in arms))
    for scale, judges in scored.judged.items():
        again = f"magnet eval {runs} --metrics {scale} --judge "
        for judge in scored.outdated.get(scale, ()):
            yield (
                f"{scale}: what {judge} scored was asked in other words or at another temperature "
                f"than now: {again}{judge}"
            )
        if not judges:
            yield f"{scale}: no judge has scored it: {again}MODEL_ID"
        for judge, sessions in judges.items():
            counts = {one.session.id: one.missing for one in sessions}
            for arm in arms:
                there = [counts[s.id] for s in arm.sessions if s.id in counts]
                if len(there) < len(arm.sessions):
                    yield (
                        f"{scale}: {judge} has scored {len(there)} of {len(arm.sessions)} "
                        f"sessions of {arm.name}" + ("" if judge == PEOPLE else f": {again}{judge}")
                    )
                if any(there):
                    yield (
                        f"{scale}: {judge} gave no usable answer {sum(there)} times on sessions of "
                        f"{arm.name}; they are left out"
                    )
            check = scored.checks.get(judge)
            if check and _has_check(scale) and not _trusted(scale, check):
                yield f"{scale}: {judge} should not be believed: {check.standing(scale)}"


def _was_asked(one: JudgedSession) -> bool:
    return any(
        score.subject == one.session.id for scores in one.scores.values() for score in scores
    )


def _of_people(scale: str, scores: Sequence[ItemScore], arms: Sequence[Arm]) -> list[JudgedSession]:
    """Take each rater, with each kit, for a sample of one judge."""
    raters = list(dict.fromkeys((score.judge, score.prompt_hash) for score in scores))
    by_subject: defaultdict[str, dict[str, list[ItemScore]]] = defaultdict(dict)
    for score in scores:
        sample = raters.index((score.judge, score.prompt_hash)) + 1
        of_sheet = by_subject[score.subject].setdefault(score.sheet, [])
        of_sheet.append(replace(score, sample=sample))
    return [
        JudgedSession(session, found, measures_of(scale, judge_input_of(session), found))
        for arm in arms
        for session in arm.sessions
        if (found := by_subject.get(session.id))
    ]


def _families(
    scale: str, judge: str, sessions: Sequence[JudgedSession], check: JudgeCheck | None
) -> Iterator[Family]:
    values: dict[str, Values] = {one.session.id: one.values for one in sessions}
    names = dict.fromkeys(name for one in values.values() for name in one)
    known = scales()[scale]
    # Of a change, before and after are no outcome of a method by themselves.
    bare = [name for name in names if not name.startswith(("before-", "after-"))]
    items = {name: known.items[name].title for name in known.items if name in bare}
    composed = {name: name.replace("-", " ") for name in bare if name not in items}
    of = f"{scale}, after less before" if known.change else scale
    for title, labels in (("totals", composed), ("items", items)):
        if labels:
            yield Family(
                metric=scale,
                title=f"{of}: {title}",
                measures={name: (label, _unit(scale, name)) for name, label in labels.items()},
                values=values,
                composed=labels is composed,
                judge=judge,
                standing=_standing(scale, check),
                trusted=_trusted(scale, check) if check and _has_check(scale) else None,
            )


_UNITS: Mapping[str, Mapping[str, Unit]] = {
    "step": {"pursued": "share", "covered": "share"},
    "findings": {"worst": "points"},
}


def _unit(scale: str, measure: str) -> Unit:
    known = scales()[scale]
    shapes = {sheet.shape for sheet in known.sheets.values()}
    for shape in shapes & _UNITS.keys():
        if measure in _UNITS[shape]:
            return _UNITS[shape][measure]
    return "count" if "findings" in shapes else "points"


def _has_check(scale: str) -> bool:
    return any(sheet in intended() for sheet in scales()[scale].sheets)


def _trusted(scale: str, check: JudgeCheck) -> bool:
    found = check.of(scale)
    return bool(found) and all(sheet.passed for sheet in found)


def _standing(scale: str, check: JudgeCheck | None) -> str:
    if check is None:
        return "rated by people"
    if not _has_check(scale):
        return "its check has nothing on this scale"
    return check.standing(scale)
