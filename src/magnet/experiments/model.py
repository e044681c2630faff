"""What an experiment file holds."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, cast

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationInfo,
    field_validator,
)
from pydantic_core import PydanticCustomError

from magnet.evals.diversity.procedures import ProcedureName
from magnet.evals.metrics.metric import EvaluationError, Options
from magnet.evals.metrics.registry import evaluated, metrics
from magnet.evals.preference.aspects import load_aspects
from magnet.evals.scales.files import scales
from magnet.experiments.analyses import ANALYSES
from magnet.models.model_id import parse_model_id
from magnet.models.roles import Role, Sampling
from magnet.models.settings import SettingsError
from magnet.prompts import Layout
from magnet.state import Attitude, DirectorParts

EXAMPLES = "examples"
"""Stands for the forms that ship with the program."""


def _not_one(what: str, names: Sequence[str]) -> PydanticCustomError:
    return PydanticCustomError(
        "not_one_of", "{what}: one of {names}", {"what": what, "names": ", ".join(names)}
    )


def _known(what: str, names: Callable[[], Sequence[str]]) -> AfterValidator:
    def check(name: str) -> str:
        if name not in names():
            raise _not_one(what, names())
        return name

    return AfterValidator(check)


def _check_method(name: str, info: ValidationInfo) -> str:
    methods = cast("Sequence[str]", info.context)
    if name not in methods:
        raise _not_one("a method", methods)
    return name


def _check_spec(text: str) -> str:
    try:
        parse_model_id(text)
    except SettingsError as error:
        forms = "a model: embedded, embedded:NAME_OR_PATH, fake, or PROVIDER:MODEL"
        raise PydanticCustomError("not_a_spec", forms) from error
    return text


def _list_attitudes(given: object) -> object:
    return tuple(Attitude) if given == "all" else given


def _list_one(given: object) -> object:
    return (given,) if isinstance(given, str) else given


Spec = Annotated[str, AfterValidator(_check_spec)]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
Method = Annotated[str, AfterValidator(_check_method)]
Metric = Annotated[str, _known("a metric", evaluated)]
Aspect = Annotated[str, _known("an aspect", lambda: [one.id for one in load_aspects()])]
AnalysisName = Annotated[str, _known("an analysis", lambda: [*ANALYSES])]
Arm = Annotated[str, Field(description="RUN, or RUN:METHOD of a run of several methods")]


class _Written(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Overrides(_Written):
    """Settings, under their names in `magnet.toml`, that stand over it and the environment."""

    model: Spec | None = Field(default=None, description="of every role")
    models: dict[Role, Spec] = Field(default_factory=dict[Role, str])
    sampling: dict[Role, Sampling] = Field(default_factory=dict[Role, Sampling])
    turns: int | None = Field(default=None, ge=2, multiple_of=2)
    min_turns: int | None = Field(default=None, ge=0)
    layout: Layout | None = None
    checks: bool | None = None
    director: DirectorParts | None = Field(default=None, description="parts not named are on")
    prompts_dir: Path | None = None


class RunPlan(Overrides):
    """A run; what it overrides differs in this run alone."""

    name: Name
    methods: Sequence[Method] = Field(min_length=1)

    @property
    def arms(self) -> tuple[str, ...]:
        """What is compared: the run, or each of its methods."""
        if len(self.methods) == 1:
            return (self.name,)
        return tuple(f"{self.name}:{method}" for method in self.methods)


class EvaluationPlan(_Written):
    """How the runs are evaluated."""

    metrics: Sequence[Metric] = Field(min_length=1)
    judges: tuple[Spec, ...] = Field(default=(), description="none: the model of the role judge")
    samples: int = Field(default=3, ge=1, description="how often a judge is asked each question")
    full: bool = Field(default=False, description="all eleven items of CTRS")
    batch: bool = Field(default=False, description="by the provider's batches")
    procedure: ProcedureName = Field(default="plain", description="of diversity")
    tokenizer: str | None = Field(default=None, description="of diversity")
    options: Mapping[str, Mapping[str, JsonValue]] = Field(
        default_factory=dict[str, Mapping[str, JsonValue]], description="of other metrics, by name"
    )

    @field_validator("options")
    @classmethod
    def _fits_its_metrics(
        cls, options: Mapping[str, Mapping[str, JsonValue]]
    ) -> Mapping[str, Mapping[str, JsonValue]]:
        for name, values in options.items():
            if name not in metrics():
                raise _not_one("a metric", [*metrics()])
            try:
                Options().put(metrics()[name], values)
            except EvaluationError as error:
                raise PydanticCustomError("bad_option", "{why}", {"why": str(error)}) from error
        return options

    @property
    def scales(self) -> list[str]:
        """The metrics that are judged."""
        return [metric for metric in self.metrics if metric in scales()]


class PreferencePlan(_Written):
    """Which arms a judge compares."""

    pairs: tuple[tuple[Arm, Arm], ...] = Field(
        default=(), description="none: the reference with each other arm"
    )
    judge: Spec | None = Field(default=None, description="none: the model of the role judge")
    aspects: tuple[Aspect, ...] = Field(default=(), description="none: all nine")


class Experiment(Overrides):
    """What is generated, and what is done with it. Judging and preference are left out where their
    table is; comparison and report are always made.
    """

    name: Name
    title: str | None = Field(default=None, description="of the report; none: the name")
    out: Path = Field(description="folder of all that is written")
    db: str | None = Field(default=None, description="none: that of the settings")
    forms: Annotated[Sequence[str], BeforeValidator(_list_one), Field(min_length=1)]
    limit: int | None = Field(default=None, ge=1, description="clients at most")
    attitudes: Annotated[tuple[Attitude, ...] | None, BeforeValidator(_list_attitudes)] = Field(
        default=None, description="all, or some; none: the files'"
    )
    seed: int = Field(default=0, ge=0, lt=2**63)
    concurrency: int | None = Field(default=None, ge=1)
    reference: Arm | None = Field(
        default=None, description="what the others are tested against; none: the first"
    )
    analyses: tuple[AnalysisName, ...] = ()
    runs: Sequence[RunPlan] = Field(min_length=1)
    evaluate: EvaluationPlan | None = None
    preference: PreferencePlan | None = None

    @property
    def arms(self) -> list[str]:
        """What is compared, the reference first."""
        arms = [arm for run in self.runs for arm in run.arms]
        return sorted(arms, key=lambda arm: arm != (self.reference or arms[0]))

    @property
    def pairs(self) -> Sequence[tuple[str, str]]:
        """The arms that a judge compares, two by two."""
        if self.preference is None:
            return ()
        first, *others = self.arms
        return self.preference.pairs or [(first, other) for other in others]
