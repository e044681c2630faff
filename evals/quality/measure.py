"""What a measure is: what it observes in a session, and the number that observations come to."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Literal

from magnet.evals.quality.statistic import K, Statistic, Tally, part
from magnet.evals.quality.transcript import Said, Transcript
from magnet.state.utterance import Speaker

Unit = Literal["share", "words", "grade", "index"]


@dataclass(frozen=True, slots=True)
class Observation(Generic[K]):
    """What a measure finds in one place of a session."""

    tally: Tally[K]
    speaker: Speaker | None = None  # none: of neither alone
    exchange: int | None = None  # from 1; none: of the session as a whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure(Generic[K]):
    """One row of the quality table."""

    name: str
    label: str
    unit: Unit
    observe: Callable[[Transcript], Iterable[Observation[K]]]
    statistic: Statistic[K]
    about: Speaker | None = None
    """Whose observations count; those of the other are in the breakdown by role alone."""
    published: float | None = None
    """Measured on the 442 sessions published with MAGneT (arXiv 2509.04183)."""
    at_least: float | None = None
    at_most: float | None = None
    names_shown: int = 0
    """So many of the commonest things are told with their shares, where things are names."""
    of_run: bool = False
    """It says how things are spread over a run; in a single session it would say something else."""

    def meets_aim(self, value: float) -> bool | None:
        """Return whether a value lies within the bounds to aim for; none where there are none."""
        if self.at_least is None and self.at_most is None:
            return None
        above = self.at_least is None or value >= self.at_least
        return above and (self.at_most is None or value <= self.at_most)


def each_utterance(
    test: Callable[[Said], bool],
) -> Callable[[Transcript], Iterator[Observation[str]]]:
    """Observe in every generated utterance whether it passes a test."""

    def observe(transcript: Transcript) -> Iterator[Observation[str]]:
        for said in transcript.generated:
            yield Observation(part(test(said)), said.speaker, said.exchange)

    return observe
