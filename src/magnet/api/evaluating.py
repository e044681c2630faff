"""The part of a workspace that evaluates and compares runs."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from magnet.api.found import ComparedArms, EvaluatedRuns
from magnet.api.opened import OpenedWorkspace, several
from magnet.state.errors import BadUseError

if TYPE_CHECKING:
    from magnet.evals.metrics.metric import Metric, Options


class EvaluatingWorkspace(OpenedWorkspace):
    """A workspace in which runs are evaluated."""

    async def evaluate(
        self,
        runs: str | Sequence[str],
        metrics: str | Sequence[str] = ("quality",),
        *,
        reference: str | None = None,
        **options: Any,
    ) -> EvaluatedRuns:
        """Evaluate runs; each method of a run is a column.

        Args:
            runs: A run or several, or the starts of sessions' ids.
            metrics: A metric or several, such as "quality", "diversity", "ctrs".
            reference: Of quality: a run to compare with.
            options: Those of the metrics, by name. Of "diversity": `procedure`, `tokenizer`,
                `tokens`. Of judged metrics: `judges` (models that judge; by default the model of
                the role "judge"), `samples` (how often each question is asked), `full` (all eleven
                items of "ctrs"), `batch` (by the provider's batches).

        Returns:
            The results by metric.

        Raises:
            EvaluationError: If there is no such metric, a value of an option does not fit, a run
                has no finished session, or what a metric needs is not installed.
            BadUseError: If no metric has such an option.
            UnknownIdError, AmbiguousIdError: If a name is not that of one run or session.
            SettingsError, EndpointError, ModelDownloadError, ModelStartError: If a judge cannot be
                had.
        """
        from magnet.evals.evaluation import evaluate
        from magnet.evals.metrics.registry import chosen, evaluated

        names = several(metrics)
        found = await evaluate(
            self.rooms,
            several(runs),
            names,
            reference=reference,
            options=_options(chosen(names, evaluated()), options),
        )
        return EvaluatedRuns(found)

    async def compare(
        self,
        arms: str | Sequence[str],
        metrics: str | Sequence[str] | None = None,
        *,
        seed: int = 0,
        **options: Any,
    ) -> ComparedArms:
        """Compare runs or methods on what is stored about them, paired by client and attitude.

        Args:
            arms: Runs, or "RUN:METHOD"; a run of several methods stands for all of them. The
                others are tested against the first.
            metrics: A metric or several, such as "quality", "ctrs", "preference". None is all.
            seed: Of resamples and permutations.
            options: Those of the metrics, by name, as for `evaluate`.

        Returns:
            Means, differences with their intervals, and tests, by measure.

        Raises:
            EvaluationError: If there is no such metric, a value of an option does not fit, or what
                a metric needs is not installed.
            BadUseError: If no metric has such an option.
            ArmError: If a run has no finished session.
            UnknownIdError: If there is no such run or method.
        """
        from magnet.evals.evaluation import extra_installed

        with extra_installed():
            from magnet.evals.comparison.compare import compare
            from magnet.evals.metrics.registry import chosen, compared

            known = compared()
            names = list(known) if metrics is None else several(metrics)
            found = await compare(
                self.rooms,
                several(arms),
                metrics=names,
                options=_options(chosen(names, known), options),
                seed=seed,
            )
        return ComparedArms(found)


def _options(metrics: "Iterable[Metric]", given: Mapping[str, object]) -> "Options":
    """Return the options of metrics: each takes the values whose names it has."""
    from magnet.evals.metrics.metric import Options

    options, known = Options(), set[str]()
    for metric in metrics:
        if metric.options is None:
            continue
        adapter: TypeAdapter[object] = TypeAdapter(metric.options)
        mine = set(adapter.dump_python(metric.options()))
        known |= mine
        options = options.put(metric, {name: given[name] for name in mine & given.keys()})
    for name in sorted(given.keys() - known):
        near = difflib.get_close_matches(name, known, n=1) or sorted(known)
        expected = f"expected {', '.join(near)}" if near else "these metrics have no options"
        raise BadUseError(f"there is no option {name!r}; {expected}")
    return options
