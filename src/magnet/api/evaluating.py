"""The part of a workspace that evaluates and compares runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import JsonValue

from magnet.api.opened import OpenedWorkspace, several

if TYPE_CHECKING:
    from magnet.evals.comparison.results import Comparison
    from magnet.evals.diversity.procedures import ProcedureName
    from magnet.evals.metrics.metric import Result


@dataclass(frozen=True, slots=True)
class EvaluatedRuns:
    """What metrics found in runs."""

    results: "Mapping[str, Result]"
    """The result of each metric, by its name."""

    @property
    def data(self) -> dict[str, JsonValue]:
        """All figures of each metric, as `magnet eval --json` prints them."""
        return {name: result.data for name, result in self.results.items()}

    def write(self, folder: str | PathLike[str]) -> list[Path]:
        """Write a NAME.json for each metric, and its plots into a folder of its name.

        Args:
            folder: Where; it is made if it is not there.

        Returns:
            The files.

        Raises:
            EvaluationError: If a file cannot be written, or what plots need is not installed.
        """
        from magnet.evals.evaluation import write_results

        return write_results(self.results, Path(folder))


class EvaluatingWorkspace(OpenedWorkspace):
    """A workspace in which runs are evaluated."""

    async def evaluate(
        self,
        runs: str | Sequence[str],
        metrics: str | Sequence[str] = ("quality",),
        *,
        reference: str | None = None,
        procedure: "ProcedureName" = "plain",
        tokenizer: str | None = None,
        tokens: int | None = None,
        judges: Sequence[str] = (),
        samples: int = 3,
        full: bool = False,
        batch: bool = False,
    ) -> EvaluatedRuns:
        """Evaluate runs; each method of a run is a column.

        Args:
            runs: A run or several, or the starts of sessions' ids.
            metrics: A metric or several, such as "quality", "diversity", "ctrs".
            reference: Of quality: a run to compare with.
            procedure: Of diversity: "plain", or "paper" for that of the paper.
            tokenizer: Of diversity: "words", "llama3", "tiktoken:ENCODING" or "hf:NAME_OR_PATH".
                None takes the procedure's own.
            tokens: Of diversity: at how many tokens runs are compared. None is half of the
                smallest run's.
            judges: Of judged metrics: models that judge. None takes the model of the role "judge".
            samples: Of judged metrics: how often each question is asked.
            full: Of "ctrs": all eleven items.
            batch: Of judged metrics: by the provider's batches.

        Returns:
            The results by metric.

        Raises:
            EvaluationError: If there is no such metric, a run has no finished session, or what a
                metric needs is not installed.
            UnknownIdError, AmbiguousIdError: If a name is not that of one run or session.
            SettingsError, EndpointError, ModelDownloadError, ModelStartError: If a judge cannot be
                had.
        """
        from magnet.evals.evaluation import evaluate
        from magnet.evals.metrics.judged import JUDGED
        from magnet.evals.metrics.metric import DiversityOptions, JudgingOptions

        return EvaluatedRuns(
            await evaluate(
                self.rooms,
                several(runs),
                several(metrics),
                reference=reference,
                diversity=DiversityOptions(procedure=procedure, tokenizer=tokenizer, tokens=tokens),
                judging=JudgingOptions(
                    judges=judges,
                    samples=samples,
                    full=full,
                    batch=batch,
                    scales=[name for name in several(metrics) if name in JUDGED],
                ),
            )
        )

    async def compare(
        self,
        sides: str | Sequence[str],
        metrics: str | Sequence[str] | None = None,
        *,
        procedure: "ProcedureName" = "plain",
        tokenizer: str | None = None,
        seed: int = 0,
    ) -> "Comparison":
        """Compare runs or methods on what is stored about them, paired by client and attitude.

        Args:
            sides: Runs, or "RUN:METHOD"; a run of several methods stands for all of them. The
                others are tested against the first.
            metrics: A metric or several, such as "quality", "ctrs", "preference". None is all.
            procedure: Of diversity, as for `evaluate`.
            tokenizer: Of diversity, as for `evaluate`.
            seed: Of resamples and permutations.

        Returns:
            Means, differences with their intervals, and tests, by measure; `missing` says what
            could not be compared.

        Raises:
            EvaluationError: If there is no such metric, or what it needs is not installed.
            SideError: If a run has no finished session.
            UnknownIdError: If there is no such run or method.
        """
        from magnet.evals.evaluation import extra_installed
        from magnet.evals.metrics.metric import DiversityOptions

        with extra_installed():
            from magnet.evals.comparison import compare as comparing

            return await comparing.compare(
                self.rooms,
                several(sides),
                metrics=comparing.METRICS if metrics is None else several(metrics),
                diversity=DiversityOptions(procedure=procedure, tokenizer=tokenizer),
                seed=seed,
            )
