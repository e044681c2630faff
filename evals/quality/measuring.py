"""Measuring sessions: every measure, over all and by role, attitude and exchange.

The three attitudes of one client are not independent, so intervals resample clients, not sessions.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any, Generic, TypeVar

from magnet.evals.quality.families import MEASURES
from magnet.evals.quality.measure import Measure, Observation
from magnet.evals.quality.results import Measured, MeasureResult, Quality
from magnet.evals.quality.statistic import K, Tally, add, commonest
from magnet.evals.quality.transcript import Transcript, read_transcript
from magnet.evals.statistics.bootstrap import bootstrap_rows
from magnet.state.attitude import Attitude
from magnet.state.intake import IntakeForm
from magnet.state.utterance import Speaker
from magnet.store.records import Session

G = TypeVar("G")

_ALL_RESAMPLES = 2000
_EXCHANGE_RESAMPLES = 500
"""Fewer for each exchange: their intervals are looked at as a band, not read as figures."""


def measure_quality(
    sessions: Sequence[Session], measures: Iterable[Measure[Any]] = MEASURES.values()
) -> Quality:
    """Measure sessions.

    Args:
        sessions: with their transcripts. The given opening pair is heard, and not measured.
        measures: which.

    Returns:
        The table. Rates weigh each utterance alike, not each session.
    """
    transcripts = [read_transcript(session) for session in sessions]
    return Quality(
        sessions=len(sessions),
        clients=len({session.client.form for session in sessions}),
        measures={measure.name: _measure(measure, transcripts) for measure in measures},
    )


def measure_values(
    sessions: Iterable[Session], measures: Iterable[Measure[Any]] = MEASURES.values()
) -> dict[str, float]:
    """Return the measures of sessions without intervals; what cannot be observed is absent."""
    transcripts = [read_transcript(session) for session in sessions]
    values: dict[str, float] = {}
    for measure in measures:
        total = _tabulate(_observe(measure, transcripts), _is_about(measure)).total
        if total:
            values[measure.name] = measure.statistic([*total], [*total.values()])
    return values


@dataclass(frozen=True, slots=True)
class _Observed(Generic[K]):
    """What a measure finds in a session."""

    client: IntakeForm
    attitude: Attitude
    observations: Sequence[Observation[K]]


@dataclass(frozen=True, slots=True)
class _Table(Generic[K]):
    """The tallies of the clients of whose sessions anything is observed."""

    clients: Mapping[IntakeForm, Tally[K]]
    sessions: int

    @property
    def total(self) -> dict[K, float]:
        """All tallies added up, the things in ascending order."""
        total = add(self.clients.values())
        return {thing: total[thing] for thing in sorted(total)}


def _observe(measure: Measure[K], transcripts: Iterable[Transcript]) -> list[_Observed[K]]:
    return [
        _Observed(t.session.client.form, t.session.attitude, tuple(measure.observe(t)))
        for t in transcripts
    ]


def _is_about(measure: Measure[K]) -> Callable[[Observation[K]], bool]:
    return lambda observation: measure.about in (None, observation.speaker)


def _tabulate(
    observed: Iterable[_Observed[K]], counts: Callable[[Observation[K]], bool]
) -> _Table[K]:
    found: defaultdict[IntakeForm, list[Tally[K]]] = defaultdict(list)
    sessions = 0
    for one in observed:
        if tallies := [o.tally for o in one.observations if counts(o)]:
            found[one.client] += tallies
            sessions += 1
    return _Table({client: add(tallies) for client, tallies in found.items()}, sessions)


def _measure_table(
    table: _Table[K], measure: Measure[K], resamples: int = _ALL_RESAMPLES
) -> Measured | None:
    if not table.sessions:
        return None
    import numpy as np

    things = [*table.total]
    tallies = table.clients.values()
    amounts = np.array([[tally.get(thing, 0.0) for thing in things] for tally in tallies])

    def statistic(places: Sequence[int]) -> float:
        return measure.statistic(things, amounts[places].sum(axis=0).tolist())

    interval = bootstrap_rows([*table.clients], statistic, resamples=resamples)
    low, high = (None if isnan(bound) else bound for bound in (interval.low, interval.high))
    return Measured(value=interval.estimate, low=low, high=high, sessions=table.sessions)


def _measure(measure: Measure[K], transcripts: Sequence[Transcript]) -> MeasureResult:
    observed = _observe(measure, transcripts)
    is_about = _is_about(measure)
    table = _tabulate(observed, is_about)
    exchanges = {o.exchange for one in observed for o in one.observations if o.exchange}

    def said_by(speaker: Speaker) -> Measured | None:
        return _measure_table(_tabulate(observed, lambda o: o.speaker is speaker), measure)

    def of_attitude(attitude: Attitude) -> Measured | None:
        theirs = [one for one in observed if one.attitude is attitude]
        return _measure_table(_tabulate(theirs, is_about), measure)

    def at(exchange: int) -> Measured | None:
        there = _tabulate(observed, lambda o: o.exchange == exchange and is_about(o))
        return _measure_table(there, measure, _EXCHANGE_RESAMPLES)

    return MeasureResult(
        overall=_measure_table(table, measure),
        by_role=_each(Speaker, said_by),
        by_attitude=_each(Attitude, of_attitude),
        by_exchange=_each(sorted(exchanges), at),
        names=_names(table, measure) if measure.names_shown else {},
    )


def _each(groups: Iterable[G], measured: Callable[[G], Measured | None]) -> dict[G, Measured]:
    found = ((group, measured(group)) for group in groups)
    return {group: value for group, value in found if value}


def _names(table: _Table[Any], measure: Measure[Any]) -> dict[str, float]:
    total = table.total
    return commonest([*total], [*total.values()], measure.names_shown)
