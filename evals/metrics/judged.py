"""`--metrics ctrs,wai,panas,coherence,safety`: what judges say, a table for each judge."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, cast

from pydantic import JsonValue

from magnet.evals.judging.stored_scores import JudgedSession, read_judged
from magnet.evals.metrics.judged_tables import means_table, places_table
from magnet.evals.metrics.metric import Metric, Request, Result
from magnet.evals.scales.files import SCALES
from magnet.evals.scales.measures import mean_of_present

if TYPE_CHECKING:
    from magnet.evals.calibration.judge_check import JudgeCheck
    from magnet.evals.judging.running import Asked


async def judged(scale: str, request: Request) -> Result:
    """Have the sessions judged on a scale, and give the means over them.

    Raises:
        SettingsError, EndpointError, ModelDownloadError, ModelStartError: if a judge cannot be had.
    """
    from magnet.evals.calibration.judge_check import read_check
    from magnet.evals.judging.running import Judging, judge_sessions
    from magnet.evals.metrics.agreement import agreement_table, measure_agreements

    workspace, options = request.workspace, request.judging
    judges = options.judges or (workspace.settings.spec_of("judge"),)
    how = Judging(judges=judges, samples=options.samples, batch=options.batch)
    sessions = {session.id: session for some in request.columns.values() for session in some}
    # All scales that are wanted are filled in together: they share the session's prompt.
    wanted = options.scales or (scale,)
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


JUDGED: Mapping[str, Metric] = {scale: partial(judged, scale) for scale in SCALES}
"""The judged metrics: one for each scale, by its name."""


def _told(asked: "Asked") -> str:
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
