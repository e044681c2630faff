"""The metrics of scales, ctrs and wai among them: what judges say, a table for each judge."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, cast

from pydantic import JsonValue

from magnet.evals.judging.stored_scores import JudgedSession, read_judged
from magnet.evals.metrics.metric import (
    CompareRequest,
    Metric,
    Request,
    Result,
    SessionValues,
)
from magnet.evals.scales.files import scales
from magnet.evals.scales.measures import mean_of_present
from magnet.state.table import Cell, Row, Table, columns_of

if TYPE_CHECKING:
    from magnet.evals.calibration.judge_check import JudgeCheck
    from magnet.evals.judging.running import AskedCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingOptions:
    """How sessions are judged."""

    judges: Sequence[str] = ()
    """Model ids; unset, the model of the role judge."""
    samples: int = 3
    full: bool = False
    """Also the items that are asked only of a full scale: the eleven of CTRS."""
    batch: bool = False
    """By the provider's batches."""


async def judged(scale: str, request: Request) -> Result:
    """Have the sessions judged on a scale, and give the means over them.

    Raises:
        SettingsError, EndpointError, ModelDownloadError, ModelStartError: if a judge cannot be had.
    """
    from magnet.evals.calibration.judge_check import read_check
    from magnet.evals.judging.running import Judging, judge_sessions
    from magnet.evals.metrics.agreement import agreement_table, measure_agreements

    workspace, options = request.workspace, request.options.of(JudgingOptions)
    judges = options.judges or (workspace.settings.model_id_of("judge"),)
    how = Judging(judges=judges, samples=options.samples, batch=options.batch)
    sessions = {session.id: session for some in request.columns.values() for session in some}
    # All scales that are wanted are filled in together: they share the session's prompt.
    wanted = [name for name in request.metrics if name in scales()] or [scale]
    asked = await judge_sessions(workspace, [*sessions.values()], wanted, how, full=options.full)
    found = {
        judge: {
            name: await read_judged(workspace, some, scale, judge)
            for name, some in request.columns.items()
        }
        for judge in judges
    }
    checks = {judge: await read_check(workspace, judge) for judge in judges}
    tables = [means_table(scale, checks[judge], columns) for judge, columns in found.items()]
    tables += [places_table(scale, judge, columns) for judge, columns in found.items()]
    agreements = measure_agreements(found)
    tables.append(agreement_table(scale, agreements))
    shown = [table for table in tables if table.rows]
    shown[-1] = replace(shown[-1], note=_told(asked))
    return Result(
        tables=shown,
        data={
            "judges": {
                judge: _plain(checks[judge], scale, columns) for judge, columns in found.items()
            },
            "agreement": [agreement.plain() for agreement in agreements],
            "failed": asked.failed,
            "errors": list(asked.errors),
        },
    )


async def _by_session(request: CompareRequest, names: Sequence[str]) -> SessionValues:
    from magnet.evals.comparison import scored

    found = await scored.read_scored(request.workspace, request.arms, names)
    return SessionValues(scored.scale_families(found), list(scored.gaps(found, request.arms)))


def judged_metric(scale: str) -> Metric:
    """Return the metric of a scale, under the scale's name."""
    return Metric(
        name=scale,
        help=f"What judges say on the scale {scale}.",
        options=JudgingOptions,
        measure=partial(judged, scale),
        by_session=_by_session,
        place=0,
    )


def _told(asked: "AskedCounts") -> str:
    logs = f"What the judges said: inspect view --log-dir {asked.logs}"
    if not asked.failed:
        return logs
    why = asked.errors[0] if asked.errors else "it was interrupted"
    return f"{asked.failed} scores could not be had ({why}). The same command goes on. {logs}"


def _plain(
    check: "JudgeCheck", scale: str, columns: Mapping[str, Sequence[JudgedSession]]
) -> JsonValue:
    return {
        "check": check.plain(scale),
        "runs": {
            name: {
                "means": _means(some),
                "missing": sum(one.missing for one in some),
                "sessions": {one.session.id: cast(JsonValue, one.values) for one in some},
                "places": [place for one in some for place in _places(one)],
            }
            for name, some in columns.items()
        },
    }


def _means(some: Sequence[JudgedSession]) -> dict[str, JsonValue]:
    names = dict.fromkeys(name for one in some for name in one.values)
    return {name: mean_of_present(one.values.get(name) for one in some) for name in names}


def _places(one: JudgedSession) -> Iterator[JsonValue]:
    for scores in one.scores.values():
        for score in scores:
            for proof in score.evidence:
                yield {
                    "session": one.session.id,
                    "sheet": score.sheet,
                    "item": score.item,
                    "sample": score.sample,
                    "value": score.value,
                    **proof.model_dump(),
                }


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
    """Return the measures of a table, subscales first; before and after only of those."""
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
