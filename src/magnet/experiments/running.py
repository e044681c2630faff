"""Running an experiment from its first step, or from where it stopped, to its report."""

from collections.abc import Callable

from magnet.evals.evaluation import extra_installed
from magnet.experiments.errors import ExperimentStoppedError
from magnet.experiments.opening import OpenExperiment, store_runs
from magnet.experiments.steps import Play, steps_of
from magnet.models.endpoints import Endpoints, role_of
from magnet.models.probe import probe_roles

Tell = Callable[[str], None]


async def run_experiment(experiment: OpenExperiment, play: Play, tell: Tell) -> str:
    """Run an experiment to its end. Nothing that is stored is asked for again.

    Args:
        experiment: open.
        play: plays a run, as `magnet generate` does.
        tell: told of each step when it begins, and what came of it.

    Returns:
        What came of the last step: where the report lies.

    Raises:
        RunSettingsError: if a run was started with other settings; nothing is stored or asked then.
        ExperimentStoppedError: if a step is not finished; the same again goes on.
        EvaluationError: if what a step needs is not installed.
        SettingsError, EndpointError, ModelDownloadError, ModelStartError: if a model is not there.
        StoreError: if the database cannot be read or written.
    """
    await store_runs(experiment)
    await check_models(experiment)
    steps = steps_of(experiment, play)
    outcome = ""
    for number, step in enumerate(steps, 1):
        place = f"{number}/{len(steps)} {step.title}"
        tell(place)
        try:
            with extra_installed():
                outcome = await step.take()
        except ExperimentStoppedError as error:
            raise ExperimentStoppedError(f"{place}: {error}. The same command goes on.") from error
        tell(f"    {outcome}")
    return outcome


async def probe_models(experiment: OpenExperiment) -> None:
    """Ask every endpoint of an experiment whether it is there; no model is fetched or begun.

    Raises:
        SettingsError, EndpointError: if one is not.
    """
    for run in experiment.runs:
        agents = run.workspace.agents_of(run.plan.methods)
        await probe_roles(run.workspace.settings, {role_of(agent) for agent in agents})
    for judge in sorted(_judges(experiment)):
        settings = experiment.workspace.settings
        models = {**settings.models, "judge": judge}
        await probe_roles(settings.model_copy(update={"models": models}), ["judge"])


async def check_models(experiment: OpenExperiment) -> None:
    """See that every model is there before hours are spent on the first ones.

    Where every session is finished nothing is looked at: judges are when they are asked.

    Raises:
        SettingsError, EndpointError, ModelDownloadError, ModelStartError: if one is not.
    """
    unfinished = [run for run in experiment.runs if not await run.is_finished()]
    for run in unfinished:
        await run.prepare()
    for judge in _judges(experiment) if unfinished else ():
        settings = experiment.workspace.settings
        models = {**settings.models, "judge": judge}
        endpoints = Endpoints(settings.model_copy(update={"models": models}))
        try:
            await endpoints.prepare(["judge"])
        finally:
            await endpoints.aclose()


def _judges(experiment: OpenExperiment) -> set[str]:
    plan = experiment.plan
    scales = experiment.judges if plan.evaluate and plan.evaluate.scales else ()
    return {*scales, *([experiment.preference_judge] if plan.preference else ())}
