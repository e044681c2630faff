"""Plan adherence by lexical evidence: whether the counselor says what only the plan could tell.

The plan's own words are the content words of its steps that neither the intake form nor the
opening pair holds: a word that the client's problem brings is no sign of the plan. The evidence is
one of words alone: a step that is carried out in other words is not seen, and a longer plan has
more words to meet.
"""

from collections.abc import Iterator

from magnet.evals.quality.content_words import content_words
from magnet.evals.quality.measure import Measure, Observation
from magnet.evals.quality.statistic import part, rate
from magnet.evals.quality.transcript import Transcript
from magnet.state.utterance import Speaker


def _own_words(transcript: Transcript) -> frozenset[str]:
    if transcript.plan is None:
        return frozenset()
    planned = frozenset[str]().union(*map(content_words, transcript.plan.steps))
    given = [transcript.session.client.form.full_text, *(s.text for s in transcript.opening)]
    return planned.difference(*map(content_words, given))


def _plan_words_said(transcript: Transcript) -> Iterator[Observation[str]]:
    if own := _own_words(transcript):
        for said in transcript.generated:
            if found := content_words(said.text):
                tally = part(len(found & own), len(found))
                yield Observation(tally, said.speaker, said.exchange)


def _plan_coverage(transcript: Transcript) -> Iterator[Observation[str]]:
    if own := _own_words(transcript):
        for speaker in Speaker:
            heard = frozenset[str]().union(
                *(content_words(said.text) for said in transcript.by(speaker))
            )
            yield Observation(part(len(heard & own), len(own)), speaker)


MEASURES = (
    Measure(
        name="plan_words_said",
        label="the counselor's content words that are the plan's own",
        unit="share",
        observe=_plan_words_said,
        statistic=rate,
        about=Speaker.COUNSELOR,
    ),
    Measure(
        name="plan_coverage",
        label="the plan's own words that the counselor says",
        unit="share",
        observe=_plan_coverage,
        statistic=rate,
        about=Speaker.COUNSELOR,
    ),
)
