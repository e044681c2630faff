"""Which techniques are chosen for the counselor's utterances, and whether the drafts are kept."""

from collections.abc import Iterator, Sequence

from magnet.evals.quality.measure import Measure, Observation
from magnet.evals.quality.statistic import add, normalized_entropy, part, rate
from magnet.evals.quality.transcript import Transcript
from magnet.state.technique import packaged_techniques

_NAMES_SHOWN = 12


def _entropy(names: Sequence[str], amounts: Sequence[float]) -> float:
    """Normalize over the packaged techniques, and what else was chosen."""
    return normalized_entropy(len({*packaged_techniques(), *names}))(names, amounts)


def _chosen(transcript: Transcript) -> Iterator[Observation[str]]:
    for record in transcript.session.exchanges:
        if record.selection:
            tally = dict.fromkeys(record.selection.techniques, 1.0)
            yield Observation(tally, exchange=record.index)


def _entropy_of_session(transcript: Transcript) -> Iterator[Observation[str]]:
    if counts := add(observed.tally for observed in _chosen(transcript)):
        yield Observation(part(_entropy([*counts], [*counts.values()])))


def _drafts_kept(transcript: Transcript) -> Iterator[Observation[str]]:
    """Look for what the session's models were asked for; an imported session names no models."""
    roles = transcript.session.models.keys() & {"specialist", "selector"}
    for record in transcript.session.exchanges if roles else ():
        candidates = "specialist" not in roles or bool(record.candidates)
        choice = "selector" not in roles or record.selection is not None
        yield Observation(part(candidates and choice), exchange=record.index)


MEASURES = (
    Measure(
        name="technique_mix",
        label="chosen techniques, all sessions: normalized entropy over the five",
        unit="index",
        observe=_chosen,
        statistic=_entropy,
        names_shown=_NAMES_SHOWN,
        of_run=True,
    ),
    Measure(
        name="technique_entropy",
        label="chosen techniques within a session: normalized entropy, mean",
        unit="index",
        observe=_entropy_of_session,
        statistic=rate,
    ),
    Measure(
        name="drafts_kept",
        label="exchanges whose drafts and choice of techniques are kept",
        unit="share",
        observe=_drafts_kept,
        statistic=rate,
        published=0,
        at_least=1,
    ),
)
