"""Filters by what was measured of each session: its flaws, or a judge's scores."""

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from magnet.state.errors import Command
from magnet.state.intake_error import nearest
from magnet.training.data.errors import TrainingDataError

Measures = Mapping[str, Mapping[str, float]]
"""Of each session, by its id: each measure's value, by name."""


class Bound(BaseModel):
    """The values of one measure that a session may have, both ends included."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str
    at_least: FiniteFloat | None = Field(default=None, description="none is no lower bound")
    at_most: FiniteFloat | None = Field(default=None, description="none is no upper bound")

    def complaint(self, values: Mapping[str, float]) -> str | None:
        """Return why a session with these values is left out; none if it is not."""
        value = values.get(self.measure)
        if value is None:
            return f"{self.measure} not measured"
        if self.at_least is not None and value < self.at_least:
            return f"{self.measure} under {self.at_least:g}"
        if self.at_most is not None and value > self.at_most:
            return f"{self.measure} over {self.at_most:g}"
        return None


def check_bounds(bounds: Sequence[Bound], measures: Measures) -> None:
    """Check that each bound's measure was taken of some session.

    Raises:
        TrainingDataError: naming the one that was not, with the nearest name, or all names.
    """
    known = {name for values in measures.values() for name in values}
    for bound in bounds:
        if bound.measure not in known:
            raise TrainingDataError(
                f"filter {bound.measure}: nothing of this name was measured of these sessions; "
                f"expected {nearest(bound.measure, sorted(known))}. What judges score is there "
                "once '{eval}' has asked them",
                eval=Command(("eval",)),
            )
