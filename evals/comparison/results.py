"""What a comparison gives, as it is written to JSON. What is undefined (NaN) is null there."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from magnet.evals.diversity.compare import DiversityComparison
from magnet.evals.preference.rates import WinRate
from magnet.evals.quality.measure import Unit as QualityUnit
from magnet.evals.quality.results import Measured
from magnet.evals.statistics.bootstrap import Interval
from magnet.evals.statistics.paired import PairedComparison
from magnet.state.attitude import Attitude

Unit = QualityUnit | Literal["ratio", "points", "count", "tokens", "seconds", "money"]


class _Found(BaseModel):
    model_config = ConfigDict(frozen=True, ser_json_inf_nan="null")


class ArmCounts(_Found):
    """An arm, and how it pairs with the reference."""

    name: str
    sessions: int
    clients: int
    pairs: int = Field(description="with the reference; 0 of the reference itself")
    alone: int = Field(description="its sessions and the reference's without a counterpart")


class MeasureComparison(_Found):
    """One measure on every arm."""

    label: str
    unit: Unit
    means: dict[str, Measured] = Field(description="by arm, over all its sessions with a value")
    against: dict[str, PairedComparison] = Field(
        description="by arm: the reference (first) less it (second), over the pairs"
    )


class FamilyComparison(_Found):
    """Measures whose tests are adjusted together."""

    metric: str
    title: str
    composed: bool = Field(default=False, description="subscales and totals of a scale")
    judge: str | None = Field(default=None, description="who scored; none: counted")
    standing: str | None = Field(default=None, description="what the judge's scores are worth")
    trusted: bool | None = Field(
        default=None, description="whether the judge ranks every item of its check"
    )
    overall: dict[str, MeasureComparison]
    by_attitude: dict[Attitude, dict[str, MeasureComparison]]


class PreferenceComparison(_Found):
    """How often the reference is preferred to one other arm, by one rater."""

    rater: str
    arm: str
    rates: dict[str, WinRate] = Field(description="by aspect")
    tests: dict[str, PairedComparison] = Field(
        description="by aspect: preference for the reference less that for the arm; over aspects "
        "adjusted together"
    )
    overall: WinRate
    by_attitude: dict[Attitude, WinRate]


class Ranking(_Found):
    """All arms on one scale, by one rater's preferences (Bradley-Terry, Davidson's ties)."""

    rater: str
    matches: int
    log_worths: dict[str, Interval] = Field(description="by arm; they sum to 0")


class Comparison(_Found):
    """Arms compared; the first is the reference against which each other one is tested."""

    reference: str
    arms: tuple[ArmCounts, ...]
    families: tuple[FamilyComparison, ...] = ()
    diversity: DiversityComparison | None = None
    preferences: tuple[PreferenceComparison, ...] = ()
    rankings: tuple[Ranking, ...] = ()
    missing: tuple[str, ...] = Field(default=(), description="what could not be compared, and why")
