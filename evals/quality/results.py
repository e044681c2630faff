"""What measuring gives, as it is written to JSON and read back."""

from pydantic import BaseModel, ConfigDict

from magnet.state.attitude import Attitude
from magnet.state.utterance import Speaker


class Measured(BaseModel):
    """A value, and its interval over clients; none where there is but one client."""

    model_config = ConfigDict(frozen=True)

    value: float
    low: float | None = None
    high: float | None = None
    sessions: int


class MeasureResult(BaseModel):
    """One measure of a set of sessions; what cannot be observed in them is absent."""

    model_config = ConfigDict(frozen=True)

    overall: Measured | None = None
    by_role: dict[Speaker, Measured] = {}
    by_attitude: dict[Attitude, Measured] = {}
    by_exchange: dict[int, Measured] = {}
    names: dict[str, float] = {}
    """The commonest names with their shares, where names are what is tallied."""


class Quality(BaseModel):
    """The quality table of a set of sessions, by the names of the measures."""

    model_config = ConfigDict(frozen=True)

    sessions: int
    clients: int
    measures: dict[str, MeasureResult]
