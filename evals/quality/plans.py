"""Whether plans are complete, for one session, and not all alike."""

from collections.abc import Iterator

from magnet.evals.quality.measure import Measure, Observation
from magnet.evals.quality.statistic import normalized_entropy, part, rate, share_of_commonest
from magnet.evals.quality.transcript import Transcript
from magnet.state.languages import load_language
from magnet.state.technique import CbtTechnique
from magnet.state.text import is_finished

_PUBLISHED = 442
_GENERATED = 450


def _cut_off(transcript: Transcript) -> Iterator[Observation[str]]:
    if plan := transcript.plan:
        yield Observation(part(not all(map(is_finished, plan.parts))))


def _several_sessions(transcript: Transcript) -> Iterator[Observation[str]]:
    several = load_language().speech.several_sessions
    if plan := transcript.plan:
        yield Observation(part(any(several.search(text) for text in plan.parts)))


def _technique(transcript: Transcript) -> Iterator[Observation[str]]:
    if transcript.plan and transcript.plan.technique:
        yield Observation({transcript.plan.technique.value: 1})


def _unreadable(transcript: Transcript) -> Iterator[Observation[str]]:
    if record := transcript.session.plan:
        yield Observation(part("unreadable" in record.provenance.flags))


MEASURES = (
    Measure(
        name="plan_cut_off",
        label="plans cut off: no closing punctuation",
        unit="share",
        observe=_cut_off,
        statistic=rate,
        published=343 / _PUBLISHED,
        at_most=0,
    ),
    Measure(
        name="plan_several_sessions",
        label="plans for several sessions where one was asked",
        unit="share",
        observe=_several_sessions,
        statistic=rate,
        published=235 / _PUBLISHED,
        at_most=0,
    ),
    Measure(
        name="plan_technique_entropy",
        label="plan techniques: normalized entropy over the twelve",
        unit="index",
        observe=_technique,
        statistic=normalized_entropy(len(CbtTechnique)),
        published=0.45,
        at_least=0.75,
        names_shown=len(CbtTechnique),
        of_run=True,
    ),
    Measure(
        name="plan_commonest_technique",
        label="plans with the commonest technique",
        unit="share",
        observe=_technique,
        statistic=share_of_commonest(1),
        published=0.59,
        of_run=True,
    ),
    Measure(
        name="plan_unreadable",
        label="plans that could not be read",
        unit="share",
        observe=_unreadable,
        statistic=rate,
        published=8 / _GENERATED,
        at_most=0,
    ),
)
"""The authors lost a session with each unreadable plan; here a stand-in takes its place."""
