"""How far judges agree with each other, and each with itself, item by item."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import isnan, nan

from pydantic import JsonValue

from magnet.evals.comparison.formats import shown
from magnet.evals.judging.stored_scores import JudgedSession
from magnet.evals.rating_kit.unblinding import is_person
from magnet.evals.scales.files import questionnaires
from magnet.evals.scales.measures import mean_of_present
from magnet.evals.statistics.agreement import krippendorff_alpha
from magnet.evals.statistics.icc import icc
from magnet.state.table import Cell, Column, Row, Table, columns_of
from magnet.store.scores import ItemScore


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemAgreement:
    """How far raters agree on one item."""

    raters: str
    """Who: several judges, several people, or the samples of one judge."""
    sheet: str
    item: str
    sessions: int
    alpha: float
    """Krippendorff's, ordinal: 1 is full agreement, 0 what chance would give; NaN: undefined."""
    icc: float
    """ICC(2,1); NaN: undefined."""

    def plain(self) -> dict[str, JsonValue]:
        """Return it as JSON data; what is undefined is null."""
        return {
            "raters": self.raters,
            "sheet": self.sheet,
            "item": self.item,
            "sessions": self.sessions,
            "alpha": None if isnan(self.alpha) else self.alpha,
            "icc": None if isnan(self.icc) else self.icc,
        }


def measure_agreements(
    found: Mapping[str, Mapping[str, Sequence[JudgedSession]]],
) -> list[ItemAgreement]:
    """Measure agreement between judges, between people, of both, and of each judge's samples.

    Args:
        found: what each judge said, by judge and column.

    Returns:
        An entry for each item that two or more scored in at least two sessions (or forms); scores
        of single exchanges are left out.
    """
    scores = [
        score
        for columns in found.values()
        for some in columns.values()
        for one in some
        for of_sheet in one.scores.values()
        for score in of_sheet
        if score.item in questionnaires()[score.sheet].items
    ]
    people = [score for score in scores if is_person(score.judge)]
    models = [score for score in scores if not is_person(score.judge)]
    groups = {"judges": models, "people": people}
    if models and people:
        groups["judges and people"] = scores
    rows = [
        row
        for name, some in groups.items()
        for row in _between(some, name, lambda score: score.judge)
    ]
    for judge in found:
        own = [score for score in scores if score.judge == judge]
        rows += _between(own, f"samples of {judge}", lambda score: str(score.sample))
    return rows


AGREEMENT_COLUMNS = (
    *columns_of("raters", "sheet", "item", text=3),
    Column("sessions", "count"),
    *columns_of("alpha", "ICC", text=0),
)


def agreement_rows(agreements: Sequence[ItemAgreement]) -> list[Row]:
    """Return agreement as rows of `AGREEMENT_COLUMNS`."""
    return [
        (
            *(one.raters, one.sheet, one.item, one.sessions),
            *(coefficient_cell(one.alpha), coefficient_cell(one.icc)),
        )
        for one in agreements
    ]


def agreement_table(scale: str, agreements: Sequence[ItemAgreement]) -> Table:
    """Return agreement as a table; no row where nobody can agree with anyone."""
    return Table(
        title=f"{scale}: agreement", columns=AGREEMENT_COLUMNS, rows=agreement_rows(agreements)
    )


def coefficient_cell(value: float) -> Cell:
    """Return a coefficient of agreement or correlation as a cell."""
    return Cell(value, "undefined" if isnan(value) else shown(value))


def _between(
    scores: Sequence[ItemScore], raters: str, rater: Callable[[ItemScore], str]
) -> Iterator[ItemAgreement]:
    names = list(dict.fromkeys(map(rater, scores)))
    if len(names) < 2:
        return
    given: defaultdict[tuple[str, str], dict[str, dict[str, list[float | None]]]]
    given = defaultdict(dict)
    for score in scores:
        of_subject = given[score.sheet, score.item].setdefault(score.subject, {})
        of_subject.setdefault(rater(score), []).append(score.value)
    for (sheet, item), by_subject in given.items():
        table = [
            [_number(mean_of_present(of_subject.get(name, ()))) for name in names]
            for of_subject in by_subject.values()
        ]
        sessions = sum(sum(not isnan(value) for value in row) >= 2 for row in table)
        if sessions >= 2:
            yield ItemAgreement(
                raters=raters,
                sheet=sheet,
                item=item,
                sessions=sessions,
                alpha=krippendorff_alpha(table),
                icc=icc(table).single.estimate,
            )


def _number(value: float | None) -> float:
    return nan if value is None else value
