"""What the judges of a report are worth: their checks, their agreement, what they were asked."""

from collections import Counter
from collections.abc import Iterator

from magnet.evals.calibration.judge_check import JudgeCheck
from magnet.evals.comparison.formats import interval_cell, shown
from magnet.evals.comparison.preferred import Matchups, by_rater
from magnet.evals.comparison.results import Unit
from magnet.evals.comparison.scored import PEOPLE, Scored
from magnet.evals.metrics.agreement import (
    AGREEMENT_COLUMNS,
    agreement_rows,
    coefficient_cell,
    measure_agreements,
)
from magnet.evals.preference.agreement import preference_agreement
from magnet.evals.preference.bias import length_bias, position_bias
from magnet.evals.report.sections import Section
from magnet.state.table import Cell, Column, Row, Table, columns_of


def judges_section(scored: Scored, matchups: Matchups) -> Section:
    """Return how every judge came out of its check, and how far raters agree."""
    text = [line for check in scored.checks.values() for line in _told(check)]
    checked = [check for check in scored.checks.values() if check.sheets]
    tables = [grid for check in checked for grid in (_sheets_grid(check), _check_grid(check))]
    wordings = [_wordings_grid(scored)] if scored.checks else []
    return Section(
        id="judges",
        title="Judges and raters",
        text=text or ["No judge has scored these sessions."],
        tables=[*tables, *_preference_grids(matchups)],
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


def _sheets_grid(check: JudgeCheck) -> Table:
    ends = ("at the lowest point", "at the highest")
    return Table(
        title=f"check of {check.judge}: sheets",
        columns=[
            *columns_of("sheet", "items ranked", *ends, kind="share"),
            *columns_of("items alike", "intended", text=0),
            Column("missing", "count"),
        ],
        rows=[
            (
                sheet.sheet,
                _share(sum(item.passed for item in sheet.items), len(sheet.items)),
                _number(sheet.use.floor if sheet.use else None, "share"),
                _number(sheet.use.ceiling if sheet.use else None, "share"),
                _number(sheet.alike),
                _number(sheet.alike_intended),
                Cell(sheet.missing, f"{sheet.missing} of {sheet.answers}"),
            )
            for sheet in check.sheets
        ],
        note="Alike: mean correlation of its items; 1 is one impression for all of them.",
    )


def _check_grid(check: JudgeCheck) -> Table:
    return Table(
        title=f"check of {check.judge}: rank correlation with the intended order",
        columns=[
            *columns_of("sheet", "item", "outcome", "rho", text=3),
            Column("missing", "count"),
        ],
        rows=[
            (
                sheet.sheet,
                item.measure,
                "ranks" if item.passed else "does not rank",
                coefficient_cell(item.rho),
                item.missing,
            )
            for sheet in check.sheets
            for item in sheet.items
        ],
    )


def _agreement_grids(scored: Scored) -> Iterator[Table]:
    for scale, judges in scored.judged.items():
        found = measure_agreements({judge: {"": some} for judge, some in judges.items()})
        if found:
            yield Table(
                title=f"{scale}: agreement",
                columns=AGREEMENT_COLUMNS,
                rows=agreement_rows(found),
                note="Krippendorff's alpha, ordinal; ICC(2,1). 1 is full agreement, 0 what chance "
                "gives; undefined where all scores are the same.",
            )


def _preference_grids(matchups: Matchups) -> Iterator[Table]:
    outcomes = [outcome for every in matchups.values() for outcome in every]
    if not outcomes:
        return
    rows: list[Row] = []
    for rater, some in by_rater(outcomes).items():
        position, length = position_bias(some), length_bias(some)
        shares = (position.first, position.consistent, length.longer)
        rows.append((rater, position.verdicts, *(interval_cell(s, "share") for s in shares)))
    yield Table(
        title="what preferences follow besides quality",
        columns=[
            Column("rater"),
            Column("verdicts", "count"),
            *columns_of(
                *("for the first shown", "alike in both orders", "for longer"),
                text=0,
                kind="interval",
            ),
        ],
        rows=rows,
        note="Without bias half of the verdicts are for the session that is shown first.",
    )
    if len({outcome.rater for outcome in outcomes}) > 1:
        agreements = preference_agreement(outcomes)
        yield Table(
            title="preference: agreement of all raters",
            columns=[
                *columns_of("aspect", "raters", "pairs", kind="count"),
                Column("alpha", "interval"),
            ],
            rows=[
                (aspect, one.raters, one.sessions, interval_cell(one.alpha))
                for aspect, one in agreements.items()
            ],
            note="Krippendorff's alpha, ordinal, clients resampled.",
        )


def _wordings_grid(scored: Scored) -> Table:
    asked: dict[tuple[str, str, str], set[int]] = {}
    counts: Counter[tuple[str, str, str]] = Counter()
    for judges in scored.judged.values():
        for judge, sessions in judges.items():
            scores = (s for one in sessions for some in one.scores.values() for s in some)
            for score in scores if judge != PEOPLE else ():
                place = judge, score.sheet, score.prompt_hash
                counts[place] += 1
                asked.setdefault(place, set()).add(score.sample)
    return Table(
        title="what the judges were asked",
        columns=columns_of(
            *("judge", "sheet", "prompt hash", "samples", "scores"), text=3, kind="count"
        ),
        rows=[
            (*place, len(asked[place]), Cell(count, f"{count:,}"))
            for place, count in counts.items()
        ],
        note="The hash is of all words that a judge reads besides the session, and of its "
        "temperature.",
    )


def _share(part: int, whole: int) -> Cell:
    return Cell(part / whole if whole else None, f"{part} of {whole}")


def _number(value: float | None, unit: Unit = "index") -> Cell:
    return Cell(value, shown(value, unit))
