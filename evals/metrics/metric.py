"""What a metric is: a descriptor that evaluating, comparing, experiments and help read alike."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import JsonValue, TypeAdapter, ValidationError

from magnet.sessions.workspace import Workspace
from magnet.state.errors import BadUseError
from magnet.state.table import Table
from magnet.store import Session

if TYPE_CHECKING:
    from magnet.evals.comparison.arms import Arm
    from magnet.evals.comparison.families import Family
    from magnet.evals.comparison.results import PreferenceComparison, Ranking
    from magnet.evals.diversity.compare import DiversityComparison

T = TypeVar("T")


class EvaluationError(BadUseError):
    """What was asked for cannot be evaluated: says what, and what there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The options of all metrics, each kind at most once."""

    given: Sequence[object] = ()

    def of(self, kind: type[T]) -> T:
        """Return the options of a kind; its defaults where none were given."""
        return next((one for one in self.given if isinstance(one, kind)), None) or kind()

    def put(self, metric: "Metric", values: Mapping[str, object]) -> "Options":
        """Return options in which a metric's have some values.

        Args:
            metric: Whose.
            values: By name, as numbers and truths or as the texts that stand for them.

        Raises:
            EvaluationError: If the metric has no option of a name, or a value is not of its type.
        """
        if metric.options is None:
            raise EvaluationError(f"{metric.name} has no options")
        adapter: TypeAdapter[object] = TypeAdapter(metric.options)
        known = adapter.dump_python(self.of(metric.options))
        if unknown := sorted(values.keys() - known.keys()):
            raise EvaluationError(
                f"{metric.name} has no option {unknown[0]!r}; there are {', '.join(known)}"
            )
        try:
            mine = adapter.validate_python({**known, **values})
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, (metric.name, *first["loc"])))
            raise EvaluationError(f"{place}: {first['msg']}, found {first['input']!r}") from error
        others = [one for one in self.given if not isinstance(one, metric.options)]
        return Options(given=[*others, mine])


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What is to be evaluated."""

    workspace: Workspace
    columns: Mapping[str, Sequence[Session]]
    """Sets of finished sessions, to be shown side by side under these names; none is empty."""
    metrics: Sequence[str] = ()
    """All that are wanted, so that judges are asked about several scales together."""
    reference: Sequence[Session] = ()
    """Finished sessions that quality is shown beside; none: beside nothing."""
    options: Options = field(default_factory=Options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a metric found."""

    tables: Sequence[Table]
    data: JsonValue
    """For JSON output and for the NAME.json of a folder."""
    plot: Callable[[Path], Sequence[Path]] | None = None
    """Writes plots into a folder and gives their paths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompareRequest:
    """What is to be compared."""

    workspace: Workspace
    arms: "Sequence[Arm]"
    """The first is the reference."""
    options: Options = field(default_factory=Options)
    seed: int = 0

    @property
    def sessions(self) -> list[Session]:
        """The sessions of all arms."""
        return [session for arm in self.arms for session in arm.sessions]


@dataclass(frozen=True, slots=True)
class SessionValues:
    """Measures that have a value in each session, and a line for each that is missing."""

    families: "Sequence[Family]" = ()
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmValues:
    """What is said of arms as wholes, and a line for each thing that is missing."""

    preferences: "Sequence[PreferenceComparison]" = ()
    rankings: "Sequence[Ranking]" = ()
    diversity: "DiversityComparison | None" = None
    missing: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric. What it does not offer is None."""

    name: str
    help: str
    """One line."""
    options: type[object] | None = None
    """A dataclass or pydantic model of what can be set, all of it with defaults."""
    measure: Callable[[Request], Awaitable[Result]] | None = None
    """Evaluates columns of sessions, side by side."""
    by_session: Callable[[CompareRequest, Sequence[str]], Awaitable[SessionValues]] | None = None
    """Gives what arms are tested on; called once with the names of all metrics that share it."""
    by_arm: Callable[[CompareRequest], Awaitable[ArmValues]] | None = None
    """Compares arms as wholes."""
    place: int = 100
    """Where it stands among what is compared, from the least on."""

    @property
    def compares(self) -> bool:
        """Whether arms can be compared on it."""
        return self.by_session is not None or self.by_arm is not None
