"""What a metric is given and what it gives."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from magnet.evals.diversity.procedures import ProcedureName
from magnet.sessions.workspace import Workspace
from magnet.state.errors import BadUseError
from magnet.state.table import Table
from magnet.store import Session


class EvaluationError(BadUseError):
    """What was asked for cannot be evaluated: says what, and what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiversityOptions:
    """How diversity is measured."""

    procedure: ProcedureName = "plain"
    tokenizer: str | None = None
    """A SPEC; none takes the procedure's own."""
    tokens: int | None = None
    """At how many tokens runs are compared; none takes half of the smallest run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgingOptions:
    """How sessions are judged."""

    judges: Sequence[str] = ()
    """SPECs; none takes the model of the role judge."""
    samples: int = 3
    full: bool = False
    """Also the items that are asked only of a full scale: the eleven of CTRS."""
    batch: bool = False
    """By the provider's batches."""
    scales: Sequence[str] = ()
    """All that are wanted, so that they are asked together; none: the metric's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be evaluated."""

    workspace: Workspace
    columns: Mapping[str, Sequence[Session]]
    """Sets of finished sessions, to be shown side by side under these names; none is empty."""
    reference: Sequence[Session] = ()
    """Finished sessions that quality is shown beside; none: beside nothing."""
    diversity: DiversityOptions = DiversityOptions()
    judging: JudgingOptions = JudgingOptions()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a metric found."""

    tables: Sequence[Table]
    data: JsonValue
    """For `--json` and for NAME.json in the folder of `--out`."""
    plot: Callable[[Path], Sequence[Path]] | None = None
    """Writes plots into a folder and gives their paths."""


Metric = Callable[[Request], Awaitable[Result]]
