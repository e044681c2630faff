"""The steps of an experiment, each of which asks for nothing that is stored already.

Taken again after a kill, they find what was stored and go on: sessions in their checkpoints and
call logs, scores and preferences in the store. What is only computed is computed again.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from magnet.evals.comparison.compare import compare, write_comparison
from magnet.evals.comparison.results import Comparison
from magnet.evals.evaluation import evaluate, read_columns, write_results
from magnet.evals.judging.jobs import judge_config_of
from magnet.evals.judging.running import AskedCounts, Judging, fill_in, judge_sessions
from magnet.evals.metrics.diversity import DiversityOptions
from magnet.evals.metrics.judged import JudgingOptions
from magnet.evals.metrics.metric import Options
from magnet.evals.metrics.registry import metrics
from magnet.evals.preference.running import judge_pairs
from magnet.evals.progress import counting
from magnet.evals.report.report import write_report
from magnet.experiments.analyses import ANALYSES
from magnet.experiments.errors import ExperimentStoppedError
from magnet.experiments.model import EvaluationPlan
from magnet.experiments.opening import OpenExperiment, PlannedRun
from magnet.models.endpoints import Endpoints
from magnet.sessions.run_lock import hold_judging
from magnet.sessions.workspace import Workspace
from magnet.store import Session

Play = Callable[[Workspace, str, Endpoints], Awaitable[bool]]
"""Plays a stored run and says whether all of it is finished."""


@dataclass(frozen=True, slots=True)
class ExperimentStep:
    """One step."""

    title: str
    take: Callable[[], Awaitable[str]]
    """Takes it, and says what came of it."""


def steps_of(experiment: OpenExperiment, play: Play) -> list[ExperimentStep]:
    """Return the steps of an experiment, in order; `store_runs` has stored its runs.

    A step raises ExperimentStoppedError if it cannot be finished now, and what the functions that
    it calls raise.

    Args:
        experiment: open.
        play: plays a run.
    """
    taking = _Taking(experiment)
    plan = experiment.plan
    steps = [
        ExperimentStep(f"generate {run.plan.name}", partial(taking.generate, run, play))
        for run in experiment.runs
    ]
    if plan.evaluate is not None:
        steps.append(ExperimentStep("evaluate", partial(taking.evaluate, plan.evaluate)))
        steps += [
            ExperimentStep(f"analyse: {name}", partial(taking.analyse, name, plan.evaluate))
            for name in plan.analyses
        ]
    if plan.preference is not None:
        steps.append(ExperimentStep("preference", taking.prefer))
    if len(plan.arms) > 1:
        steps.append(ExperimentStep("compare", taking.compare))
    return [*steps, ExperimentStep("report", taking.report)]


@dataclass(slots=True)
class _Taking:
    """Takes steps."""

    _experiment: OpenExperiment
    _comparison: Comparison | None = field(default=None, init=False)

    @property
    def _workspace(self) -> Workspace:
        return self._experiment.workspace

    @property
    def _out(self) -> Path:
        return self._experiment.plan.out

    @property
    def _runs(self) -> list[str]:
        return [run.plan.name for run in self._experiment.runs]

    @property
    def _options(self) -> Options:
        plan = self._experiment.plan.evaluate
        if plan is None:
            return Options()
        options = Options(
            given=[
                DiversityOptions(procedure=plan.procedure, tokenizer=plan.tokenizer),
                JudgingOptions(
                    judges=self._experiment.judges,
                    samples=plan.samples,
                    full=plan.full,
                    batch=plan.batch,
                ),
            ]
        )
        for name, values in plan.options.items():
            options = options.put(metrics()[name], values)
        return options

    async def generate(self, run: PlannedRun, play: Play) -> str:
        if not await play(run.workspace, run.plan.name, run.endpoints):
            raise ExperimentStoppedError(f"run {run.plan.name} is not finished")
        return f"{len(run.sessions)} sessions"

    async def evaluate(self, plan: EvaluationPlan) -> str:
        how = self._how(plan)
        if plan.scales:
            columns = await read_columns(self._workspace, self._runs)
            asked = await judge_sessions(
                self._workspace, _all(columns), plan.scales, how, full=plan.full
            )
            _check_whole(asked)
        results = await evaluate(self._workspace, self._runs, plan.metrics, options=self._options)
        files = write_results(results, self._out / "evaluation")
        return f"{', '.join(plan.metrics)}: {len(files)} files in {self._out / 'evaluation'}"

    async def analyse(self, name: str, plan: EvaluationPlan) -> str:
        columns = await read_columns(self._workspace, self._runs)
        analysis, how, sessions = ANALYSES[name], self._how(plan), _all(columns)
        jobs = analysis.jobs(sessions, judge_config_of(self._workspace.settings))
        async with hold_judging(self._workspace, sessions):
            _check_whole(await fill_in(self._workspace, jobs, how))
        files = await analysis.write(self._workspace, columns, how.judges, self._out)
        return ", ".join(map(str, files))

    async def prefer(self) -> str:
        judge, asked = self._experiment.preference_judge, 0
        for a, b in self._experiment.plan.pairs:
            with counting(f"{a} or {b}", "verdicts") as bar:
                judged = await judge_pairs(
                    self._workspace,
                    a,
                    b,
                    judge,
                    aspects=self._experiment.aspects,
                    seed=self._experiment.plan.seed,
                    expect=bar.expect,
                    watch=lambda _, bar=bar: bar.advance(),
                )
            asked += judged.asked
            if judged.failed:
                why = next(iter(judged.failed.values()))
                raise ExperimentStoppedError(
                    f"{a} or {b}: {len(judged.failed)} pairs could not be judged ({why})"
                )
        return f"{asked} verdicts by {judge}"

    async def compare(self) -> str:
        arms = self._experiment.plan.arms
        self._comparison = await compare(self._workspace, arms, options=self._options)
        return str(write_comparison(self._comparison, self._out))

    async def report(self) -> str:
        plan = self._experiment.plan
        path = await write_report(
            self._workspace,
            plan.arms,
            self._out,
            title=plan.title or plan.name,
            comparison=self._comparison,
            options=self._options,
        )
        return str(path)

    def _how(self, plan: EvaluationPlan) -> Judging:
        return Judging(judges=self._experiment.judges, samples=plan.samples, batch=plan.batch)


def _all(columns: Mapping[str, Sequence[Session]]) -> list[Session]:
    return [session for some in columns.values() for session in some]


def _check_whole(asked: AskedCounts) -> None:
    if asked.failed:
        why = asked.errors[0] if asked.errors else "it was interrupted"
        raise ExperimentStoppedError(f"{asked.failed} scores could not be had ({why})")
