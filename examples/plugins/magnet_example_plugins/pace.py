"""A metric: how long the two speakers' utterances are, beside each other.

`magnet eval RUN --metrics pace` shows it, `--option pace.least=3` leaves out what is shorter. A
metric is given the finished sessions of each run as a column, and gives tables, which the terminal
and pages lay out, and the same figures as plain data for `--json`. What it needs of the user is a
dataclass of options with defaults.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean

from magnet.evals.metrics.metric import Metric, Request, Result
from magnet.state import OPENING_UTTERANCES, Speaker
from magnet.state.table import Cell, Table, columns_of
from magnet.state.text import words
from magnet.store import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class PaceOptions:
    """How pace is measured."""

    least: int = 1
    """Utterances with fewer words are left out."""


def _mean_words(sessions: Sequence[Session], speaker: Speaker, least: int) -> float | None:
    generated = [said for session in sessions for said in session.utterances[OPENING_UTTERANCES:]]
    counts = [len(words(said.text)) for said in generated if said.speaker is speaker]
    kept = [count for count in counts if count >= least]
    return float(mean(kept)) if kept else None


async def measure(request: Request) -> Result:
    """Return the mean number of words of an utterance, for each run and speaker."""
    least = request.options.of(PaceOptions).least
    means = {
        name: [_mean_words(sessions, speaker, least) for speaker in Speaker]
        for name, sessions in request.columns.items()
    }
    rows = [
        [name, *(Cell(value, "" if value is None else f"{value:.1f}") for value in values)]
        for name, values in means.items()
    ]
    columns = columns_of("run", *(speaker.value for speaker in Speaker))
    table = Table(title="words an utterance", columns=columns, rows=rows)
    return Result(tables=[table], data=[{**row} for row in table.records()])


PACE = Metric(
    name="pace",
    help="Words an utterance, of each speaker.",
    options=PaceOptions,
    measure=measure,
)
