"""What judges said, as tables."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from magnet.evals.judging.stored_scores import JudgedSession
from magnet.evals.scales.files import scales
from magnet.evals.scales.measures import mean_of_present
from magnet.state.table import Cell, Row, Table, columns_of

if TYPE_CHECKING:
    from magnet.evals.calibration.judge_check import JudgeCheck

Columns = Mapping[str, Sequence[JudgedSession]]


def means_table(scale: str, check: "JudgeCheck", columns: Columns) -> Table:
    """Return the means over the sessions of each column.

    Missing scores are counted, not averaged.
    """
    missing = [sum(one.missing for one in some) for some in columns.values()]
    return Table(
        title=f"{scale}, judge {check.judge}: {check.standing(scale)}",
        columns=columns_of("mean over sessions", *columns),
        rows=[
            *(
                (measure, *(_mean(measure, some) for some in columns.values()))
                for measure in _shown(scale, columns)
            ),
            ("missing scores", *missing),
        ],
    )


def places_table(scale: str, judge: str, columns: Columns) -> Table:
    """Return the number of places found, by kind and severity; no row where none are looked for.

    Of a judge with several samples it is their mean.
    """
    known = scales()[scale]
    rows: list[Row] = []
    if any(sheet.shape == "findings" for sheet in known.sheets.values()):
        counts = [_count_places(some) for some in columns.values()]
        for kind in known.items:
            for severity in range(known.low, known.high + 1):
                found = (counted[kind, severity] for counted in counts)
                rows.append((kind, severity, *(Cell(count, f"{count:g}") for count in found)))
    return Table(
        title=f"{scale}, judge {judge}: places found",
        columns=columns_of("kind", "severity", *columns, text=2),
        rows=rows,
    )


def _shown(scale: str, columns: Columns) -> list[str]:
    """Give the measures of a table, subscales first; before and after only of those."""
    subscales = scales()[scale].subscales
    names = dict.fromkeys(name for some in columns.values() for one in some for name in one.values)
    bare = {name: name.removeprefix("before-").removeprefix("after-") for name in names}
    shown = [name for name in names if name == bare[name] or bare[name] in subscales]
    return sorted(shown, key=lambda name: bare[name] not in subscales)


def _mean(measure: str, some: Sequence[JudgedSession]) -> Cell:
    mean = mean_of_present(one.values.get(measure) for one in some)
    return Cell(mean, "" if mean is None else f"{mean:.2f}")


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
