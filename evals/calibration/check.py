"""The check: how well a judge's scores follow the intended order, and how it uses the points."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import isnan, nan
from statistics import fmean

from magnet.evals.calibration.dialogues import dialogues, intended
from magnet.evals.scales.files import sheets
from magnet.evals.scales.measures import sheet_measures
from magnet.evals.statistics.calibration import RangeUse, range_use, rank_correlation
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
    asked = sheets()[sheet]
    measured = [
        sheet_measures(asked, dialogue.material(name), scores.get(name, ()))
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
