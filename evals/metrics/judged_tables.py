"""What judges said, as tables for the terminal."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.markup import escape
from rich.table import Table

from magnet.evals.judging.stored_scores import JudgedSession
from magnet.evals.scales.files import scales
from magnet.evals.scales.measures import mean_of_present

if TYPE_CHECKING:
    from magnet.evals.calibration.judge_check import JudgeCheck

Columns = Mapping[str, Sequence[JudgedSession]]


def means_table(scale: str, check: "JudgeCheck", columns: Columns) -> Table:
    """Give the means over the sessions of each column; missing scores are counted, not averaged."""
    title = f"{scale}, judge {check.judge}: {check.standing(scale)}"
    table = Table(title=escape(title), min_width=len(title))
    table.add_column("mean over sessions")
    for name in columns:
        table.add_column(escape(name), justify="right")
    for measure in _shown(scale, columns):
        table.add_row(measure, *(_mean(measure, some) for some in columns.values()))
    missing = [str(sum(one.missing for one in some)) for some in columns.values()]
    table.add_row("missing scores", *missing)
    return table


def places_table(scale: str, judge: str, columns: Columns) -> Table:
    """Give the number of places found, by kind and severity; no row where a scale looks for none.

    Of a judge with several samples it is their mean.
    """
    title = f"{scale}, judge {judge}: places found"
    table = Table(title=escape(title), min_width=len(title))
    table.add_column("kind")
    table.add_column("severity")
    for name in columns:
        table.add_column(escape(name), justify="right")
    known = scales()[scale]
    if any(sheet.shape == "findings" for sheet in known.sheets.values()):
        counts = [_count_places(some) for some in columns.values()]
        for kind in known.items:
            for severity in range(known.low, known.high + 1):
                row = (f"{counted[kind, severity]:g}" for counted in counts)
                table.add_row(kind, str(severity), *row)
    return table


def _shown(scale: str, columns: Columns) -> list[str]:
    """Give the measures of a table, subscales first; before and after only of those."""
    subscales = scales()[scale].subscales
    names = dict.fromkeys(name for some in columns.values() for one in some for name in one.values)
    bare = {name: name.removeprefix("before-").removeprefix("after-") for name in names}
    shown = [name for name in names if name == bare[name] or bare[name] in subscales]
    return sorted(shown, key=lambda name: bare[name] not in subscales)


def _mean(measure: str, some: Sequence[JudgedSession]) -> str:
    mean = mean_of_present(one.values.get(measure) for one in some)
    return "" if mean is None else f"{mean:.2f}"


def _count_places(some: Iterable[JudgedSession]) -> Mapping[tuple[str, int], float]:
    counted: defaultdict[tuple[str, int], float] = defaultdict(float)
    for one in some:
        for scores in one.scores.values():
            samples = len({score.sample for score in scores})
            for score in scores:
                for proof in score.evidence:
                    if proof.severity is not None:
                        counted[score.item, proof.severity] += 1 / samples
    return counted
