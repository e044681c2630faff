"""Whether a judge ranks the calibration dialogues as intended, and how it uses the points."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import isnan, nan
from statistics import fmean

from pydantic import JsonValue

from magnet.evals.calibration.dialogues import dialogues, intended
from magnet.evals.calibration.probes import padded, shift
from magnet.evals.judging.jobs import JudgeConfig, JudgingJob, judge_config_of
from magnet.evals.judging.stored_scores import read_scores
from magnet.evals.scales.files import questionnaire_named, questionnaires, questionnaires_of, scales
from magnet.evals.scales.judge_input import JudgeInput
from magnet.evals.scales.measures import questionnaire_measures
from magnet.evals.scales.model import Questionnaire
from magnet.evals.statistics.calibration import RangeUse, range_use, rank_correlation
from magnet.sessions.workspace import Workspace
from magnet.store.scores import ItemScore

PASSING = 0.7
"""Spearman's rho that an item must reach; by chance one order of twelve in a hundred does."""

_Line = Sequence[float | None]
"""A measure of each dialogue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemCheck:
    """How a judge ranks the dialogues on one item, or on a subscale."""

    measure: str
    rho: float
    """Spearman's rank correlation with the intended order; NaN if the judge's scores are equal."""
    missing: int
    """Dialogues without a score."""

    @property
    def passed(self) -> bool:
        """Whether its scores count."""
        return not self.missing and self.rho >= PASSING


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetCheck:
    """How a judge uses a sheet."""

    sheet: str
    items: Sequence[ItemCheck]
    use: RangeUse | None
    """Shares of its answers at the lowest and the highest point; none where it counts places."""
    alike: float
    """How much its items say the same: the mean strength of the rank correlation of any two. 1 is
    one impression for all of them; NaN where there are no two that vary."""
    alike_intended: float
    """The same of the intended levels."""
    answers: int
    missing: int

    @property
    def passed(self) -> bool:
        """Whether it ranks the dialogues on each item."""
        return all(item.passed for item in self.items)


def check_sheet(sheet: str, scores: Mapping[str, Sequence[ItemScore]]) -> SheetCheck:
    """Check a judge's scores of the calibration dialogues on one sheet.

    Args:
        sheet: one that `intended` names.
        scores: of one judge and one wording, by dialogue.
    """
    asked = questionnaires()[sheet]
    measured = [
        questionnaire_measures(asked, dialogue.judge_input(name), scores.get(name, ()))
        for name, dialogue in dialogues().items()
    ]
    levels = intended()[sheet]
    lines = {measure: [values.get(measure) for values in measured] for measure in levels}
    given = [score.value for some in scores.values() for score in some]
    present = [value for value in given if value is not None]
    rated = asked.text.shape in ("item", "items")
    return SheetCheck(
        sheet=sheet,
        items=[_check_item(measure, levels[measure], line) for measure, line in lines.items()],
        use=range_use(present, asked.scale.low, asked.scale.high) if rated else None,
        alike=_likeness(lines.values()),
        alike_intended=_likeness(levels.values()),
        answers=len(given),
        missing=len(given) - len(present),
    )


def _check_item(measure: str, levels: Sequence[float], line: _Line) -> ItemCheck:
    return ItemCheck(
        measure=measure,
        rho=_correlation(levels, line),
        missing=sum(value is None for value in line),
    )


def _likeness(lines: Iterable[_Line]) -> float:
    found = [abs(_correlation(one, other)) for one, other in combinations(lines, 2)]
    known = [value for value in found if not isnan(value)]
    return fmean(known) if known else nan


def _correlation(one: _Line, other: _Line) -> float:
    both = [(a, b) for a, b in zip(one, other, strict=True) if a is not None and b is not None]
    return rank_correlation([a for a, _ in both], [b for _, b in both])


PROBED = "ctrs"
"""The sheet on which the probes for bias are made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCheck:
    """How a judge did."""

    judge: str
    sheets: Sequence[SheetCheck]
    length: float | None
    """Points by which scores move if the counselor says more but nothing more; none: not probed."""
    order: float | None
    """Points by which scores move if the points are listed from the highest."""

    @property
    def passed(self) -> bool:
        """Whether it ranks the dialogues on every item of every sheet that was checked."""
        return bool(self.sheets) and all(sheet.passed for sheet in self.sheets)

    def of(self, scale: str) -> list[SheetCheck]:
        """Return the checks of a scale's sheets."""
        return [sheet for sheet in self.sheets if sheet.sheet in scales()[scale].sheets]

    def standing(self, scale: str) -> str:
        """Return what a scale's scores by this judge are worth."""
        items = [item for sheet in self.of(scale) for item in sheet.items]
        if not items:
            return f"not checked (magnet judge check {self.judge})"
        return f"ranks {sum(item.passed for item in items)} of {len(items)} items of its check"

    def plain(self, scale: str) -> JsonValue:
        """Return the checks of a scale as JSON data; a correlation that is undefined is null."""
        return [
            {
                "sheet": sheet.sheet,
                "passed": sheet.passed,
                "items": [
                    {
                        "item": item.measure,
                        "rho": None if isnan(item.rho) else item.rho,
                        "missing": item.missing,
                        "passed": item.passed,
                    }
                    for item in sheet.items
                ],
                "floor": sheet.use.floor if sheet.use else None,
                "ceiling": sheet.use.ceiling if sheet.use else None,
                "alike": None if isnan(sheet.alike) else sheet.alike,
                "alike_intended": None if isnan(sheet.alike_intended) else sheet.alike_intended,
                "answers": sheet.answers,
                "missing": sheet.missing,
            }
            for sheet in self.of(scale)
        ]


def calibration_judge_inputs() -> dict[str, JudgeInput]:
    """Return the dialogues as judges see them, by name."""
    return {name: dialogue.judge_input(name) for name, dialogue in dialogues().items()}


def calibration_questionnaires(scales: Sequence[str], *, full: bool = False) -> list[Questionnaire]:
    """Return the sheets of scales that the dialogues have an intended order on.

    Raises:
        ScaleError: if there is no scale of a name.
    """
    return [sheet for sheet in questionnaires_of(scales, full=full) if sheet.name in intended()]


def check_jobs(sheets: Sequence[Questionnaire], config: JudgeConfig) -> list[JudgingJob]:
    """Return what a judge is to fill in to be checked: the dialogues, and the probes of its
    bias.
    """
    judge_inputs = list(calibration_judge_inputs().values())
    jobs = [JudgingJob(judge_inputs=judge_inputs, sheets=sheets, config=config)]
    probed = [sheet for sheet in sheets if sheet.name == PROBED]
    if probed:
        longer = list(map(padded, judge_inputs))
        turned = replace(config, order="down")
        jobs += [
            JudgingJob(judge_inputs=longer, sheets=probed, config=config),
            JudgingJob(judge_inputs=judge_inputs, sheets=probed, config=turned),
        ]
    return jobs


async def read_check(workspace: Workspace, judge: str) -> JudgeCheck:
    """Return how a judge's check came out, as far as it is stored.

    Raises:
        StoreError: if the database cannot be read.
    """
    config = judge_config_of(workspace.settings)
    judge_inputs = calibration_judge_inputs()
    sheets = [questionnaire_named(name) for name in intended()]
    subjects = {name: judge_input.subject for name, judge_input in judge_inputs.items()}
    longer = {name: padded(judge_input).subject for name, judge_input in judge_inputs.items()}
    plain = await read_scores(workspace, list(subjects.values()), sheets, judge, config)
    long = await read_scores(workspace, list(longer.values()), sheets, judge, config)
    turned = await read_scores(
        workspace, list(subjects.values()), sheets, judge, replace(config, order="down")
    )
    checks: list[SheetCheck] = []
    for sheet in sheets:
        scores = {name: plain[subject].get(sheet.name, []) for name, subject in subjects.items()}
        if any(scores.values()):
            checks.append(check_sheet(sheet.name, scores))
    points = _points(plain, subjects)
    return JudgeCheck(
        judge=judge,
        sheets=checks,
        length=shift(points, _points(long, longer)),
        order=shift(points, _points(turned, subjects)),
    )


def _points(
    scores: Mapping[str, Mapping[str, Sequence[ItemScore]]], subjects: Mapping[str, str]
) -> dict[str, float | None]:
    """Return the probed points by dialogue, item and sample."""
    return {
        f"{name}/{score.item}/{score.sample}": score.value
        for name, subject in subjects.items()
        for score in scores[subject].get(PROBED, ())
    }
