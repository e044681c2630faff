"""What the judges of a report are worth: their checks, their agreement, what they were asked."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import isnan

from magnet.evals.calibration.judge_check import JudgeCheck
from magnet.evals.comparison.formats import shown, with_interval
from magnet.evals.comparison.grids import Grid
from magnet.evals.comparison.sources.preferred import Matchups, by_rater
from magnet.evals.comparison.sources.scored import PEOPLE, Scored
from magnet.evals.metrics.agreement import measure_agreements
from magnet.evals.preference.agreement import preference_agreement
from magnet.evals.preference.bias import length_bias, position_bias
from magnet.evals.report.sections import Section


def judges_section(scored: Scored, matchups: Matchups) -> Section:
    """Tell how every judge came out of its check, and how far raters agree."""
    text = [line for check in scored.checks.values() for line in _told(check)]
    checked = [check for check in scored.checks.values() if check.sheets]
    grids = [grid for check in checked for grid in (_sheets_grid(check), _check_grid(check))]
    wordings = [_wordings_grid(scored)] if scored.checks else []
    return Section(
        id="judges",
        title="Judges and raters",
        text=text or ["No judge has scored these sessions."],
        grids=[*grids, *_preference_grids(matchups)],
        folded=[*_agreement_grids(scored), *wordings],
    )


def _told(check: JudgeCheck) -> Iterator[str]:
    if not check.sheets:
        yield (
            f"{check.judge} has not been checked (magnet judge check {check.judge}): nothing says "
            "what its scores are worth."
        )
        return
    verdict = "ranks" if check.passed else "does not rank"
    yield f"{check.judge} {verdict} the calibration dialogues on every item of its check."
    for probe, points in (
        ("when the counselor says more and nothing more", check.length),
        ("when the points are listed from the highest", check.order),
    ):
        if points is not None:
            yield f"Its scores move by {shown(points, 'points', signed=True)} points {probe}."


def _sheets_grid(check: JudgeCheck) -> Grid:
    ends = ("at the lowest point", "at the highest")
    return Grid(
        title=f"check of {check.judge}: sheets",
        headings=("sheet", "items ranked", *ends, "items alike", "intended", "missing"),
        rows=[
            (
                sheet.sheet,
                f"{sum(item.passed for item in sheet.items)} of {len(sheet.items)}",
                shown(sheet.use.floor if sheet.use else None, "share"),
                shown(sheet.use.ceiling if sheet.use else None, "share"),
                shown(sheet.alike),
                shown(sheet.alike_intended),
                f"{sheet.missing} of {sheet.answers}",
            )
            for sheet in check.sheets
        ],
        note="Alike: mean correlation of its items; 1 is one impression for all of them.",
    )


def _check_grid(check: JudgeCheck) -> Grid:
    return Grid(
        title=f"check of {check.judge}: rank correlation with the intended order",
        headings=("sheet", "item", "outcome", "rho", "missing"),
        rows=[
            (
                sheet.sheet,
                item.measure,
                "ranks" if item.passed else "does not rank",
                "undefined" if isnan(item.rho) else shown(item.rho),
                str(item.missing),
            )
            for sheet in check.sheets
            for item in sheet.items
        ],
        labels=3,
    )


def _agreement_grids(scored: Scored) -> Iterator[Grid]:
    for scale, judges in scored.judged.items():
        found = measure_agreements({judge: {"": some} for judge, some in judges.items()})
        if found:
            yield Grid(
                title=f"{scale}: agreement",
                headings=("raters", "sheet", "item", "sessions", "alpha", "ICC"),
                rows=[
                    (
                        *(one.raters, one.sheet, one.item, str(one.sessions)),
                        "undefined" if isnan(one.alpha) else shown(one.alpha),
                        "undefined" if isnan(one.icc) else shown(one.icc),
                    )
                    for one in found
                ],
                labels=3,
                note="Krippendorff's alpha, ordinal; ICC(2,1). 1 is full agreement, 0 what chance "
                "gives; undefined where all scores are the same.",
            )


def _preference_grids(matchups: Matchups) -> Iterator[Grid]:
    outcomes = [outcome for every in matchups.values() for outcome in every]
    if not outcomes:
        return
    rows: list[Sequence[str]] = []
    for rater, some in by_rater(outcomes).items():
        position, length = position_bias(some), length_bias(some)
        shares = (position.first, position.consistent, length.longer)
        rows.append((rater, str(position.verdicts), *(with_interval(s, "share") for s in shares)))
    yield Grid(
        title="what preferences follow besides quality",
        headings=("rater", "verdicts", "for the first shown", "alike in both orders", "for longer"),
        rows=rows,
        note="Without bias half of the verdicts are for the session that is shown first.",
    )
    if len({outcome.rater for outcome in outcomes}) > 1:
        agreements = preference_agreement(outcomes)
        yield Grid(
            title="preference: agreement of all raters",
            headings=("aspect", "raters", "pairs", "alpha"),
            rows=[
                (aspect, str(one.raters), str(one.sessions), with_interval(one.alpha))
                for aspect, one in agreements.items()
            ],
            note="Krippendorff's alpha, ordinal, clients resampled.",
        )


def _wordings_grid(scored: Scored) -> Grid:
    asked: dict[tuple[str, str, str], set[int]] = {}
    counts: Counter[tuple[str, str, str]] = Counter()
    for judges in scored.judged.values():
        for judge, sessions in judges.items():
            scores = (s for one in sessions for some in one.scores.values() for s in some)
            for score in scores if judge != PEOPLE else ():
                place = judge, score.sheet, score.prompt_hash
                counts[place] += 1
                asked.setdefault(place, set()).add(score.sample)
    return Grid(
        title="what the judges were asked",
        headings=("judge", "sheet", "prompt hash", "samples", "scores"),
        rows=[(*place, str(len(asked[place])), f"{count:,}") for place, count in counts.items()],
        labels=3,
        note="The hash is of all words that a judge reads besides the session, and of its "
        "temperature.",
    )
