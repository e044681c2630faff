"""An experiment made ready: its database open, its clients read, its sessions planned."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from magnet.evals.preference.aspects import Aspect, load_aspects, pick_aspects
from magnet.experiments.layering import put_over
from magnet.experiments.model import EXAMPLES, Experiment, RunPlan
from magnet.models.endpoints import Endpoints
from magnet.models.settings import Settings
from magnet.sessions.batch import open_run, plan_sessions
from magnet.sessions.example_forms import example_folder
from magnet.sessions.workspace import Workspace, open_workspace
from magnet.state import Client
from magnet.state.intake_choice import select_clients
from magnet.state.intake_files import read_clients
from magnet.store import RunSettingsError, Session, SessionStatus

Flags = Callable[[Settings], Settings]
"""Puts what a command line says over settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """A run of an experiment."""

    plan: RunPlan
    workspace: Workspace
    """The experiment's, under the run's own settings."""
    endpoints: Endpoints
    sessions: Sequence[Session]

    async def prepare(self) -> None:
        """See that the models of its sessions are there.

        Raises:
            SettingsError, EndpointError, ModelDownloadError, ModelStartError: if one is not.
        """
        await self.endpoints.prepare(self.workspace.agents_of(self.plan.methods))

    async def is_finished(self) -> bool:
        """Return whether every session of it is stored and finished."""
        stored = await self.workspace.store.sessions.list(run=self.plan.name)
        finished = {one.id for one in stored if one.status is SessionStatus.FINISHED}
        return finished >= {session.id for session in self.sessions}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenExperiment:
    """An experiment with an open database."""

    plan: Experiment
    workspace: Workspace
    """Under the experiment's settings; a run has its own."""
    runs: Sequence[PlannedRun]

    @property
    def judges(self) -> Sequence[str]:
        """Model ids of the judges of scales."""
        named = self.plan.evaluate.judges if self.plan.evaluate else ()
        return named or (self.workspace.settings.model_id_of("judge"),)

    @property
    def preference_judge(self) -> str:
        """Model id of the judge of pairs."""
        named = self.plan.preference.judge if self.plan.preference else None
        return named or self.workspace.settings.model_id_of("judge")

    @property
    def aspects(self) -> Sequence[Aspect]:
        """What the judge of pairs compares them on."""
        known = load_aspects()
        named = self.plan.preference.aspects if self.plan.preference else ()
        return pick_aspects(known, named) if named else known


def unchanged(settings: Settings) -> Settings:
    """Return settings as they are: no flags."""
    return settings


@asynccontextmanager
async def open_experiment(
    plan: Experiment, settings: Settings, *, flags: Flags = unchanged
) -> AsyncGenerator[OpenExperiment]:
    """Open an experiment's database, read its clients and plan its sessions; store nothing.

    Args:
        plan: what its file says.
        settings: of the environment and `magnet.toml`.
        flags: puts what the command line says over all.

    Raises:
        IntakeError: with every problem of the intake files.
        StoreError, CheckpointError: if the database cannot be opened.
        MethodError, PromptError: if a file of the user's cannot be used.
    """
    clients = read_forms(plan)
    under = put_over(settings, plan)
    async with open_workspace(flags(under)) as workspace:
        runs: list[PlannedRun] = []
        try:
            for run in plan.runs:
                # Its prompts may be others than those of the experiment's own settings.
                own = replace(workspace, settings=flags(put_over(under, run)), books={})
                runs.append(_plan_run(own, run, clients, plan.seed))
            yield OpenExperiment(plan=plan, workspace=workspace, runs=runs)
        finally:
            for run in runs:
                await run.endpoints.aclose()


def read_forms(plan: Experiment) -> list[Client]:
    """Read the clients of an experiment.

    Raises:
        IntakeError: with every problem of the intake files.
    """
    places = [example_folder() if form == EXAMPLES else Path(form) for form in plan.forms]
    clients = [client for place in places for client in read_clients(place)]
    return select_clients(clients, plan.attitudes, plan.limit)


async def store_runs(experiment: OpenExperiment) -> None:
    """Store the runs with their sessions, or find them as they were stored.

    Raises:
        RunSettingsError: if a run was started with other settings; then nothing is stored.
    """
    stored = {run.name for run in await experiment.workspace.store.runs.list()}
    # Those that may be refused come first.
    for run in sorted(experiment.runs, key=lambda run: run.plan.name not in stored):
        try:
            await open_run(run.workspace, run.plan.name, run.sessions)
        except RunSettingsError as error:
            raise RunSettingsError(
                f"{error} The experiment {experiment.plan.name} would not be one any more: for "
                "other settings give its runs other names, or name another db."
            ) from error


def _plan_run(
    workspace: Workspace, run: RunPlan, clients: Sequence[Client], seed: int
) -> PlannedRun:
    agents = workspace.agents_of(run.methods)
    planned = len(clients) * len(run.methods)
    endpoints = Endpoints.of_run(workspace.settings, agents, planned)
    sessions = plan_sessions(workspace, run.name, clients, run.methods, endpoints, seed=seed)
    return PlannedRun(plan=run, workspace=workspace, endpoints=endpoints, sessions=sessions)
