"""How much the speakers repeat themselves within a session."""

from collections.abc import Iterator
from itertools import takewhile

from magnet.evals.quality.measure import Measure, Observation
from magnet.evals.quality.statistic import part, rate
from magnet.evals.quality.transcript import Said, Transcript
from magnet.state.text import countable_sentences, near_duplicate, normalized
from magnet.state.utterance import Speaker

_END_RUN = 3


def _near(own: list[Said]) -> list[bool]:
    return [
        any(near_duplicate(said.text, earlier.text) for earlier in own[:place])
        for place, said in enumerate(own)
    ]


def _near_duplicates(transcript: Transcript) -> Iterator[Observation[str]]:
    for speaker in Speaker:
        own = transcript.by(speaker)
        for said, near in zip(own, _near(own), strict=True):
            yield Observation(part(near), speaker, said.exchange)


def _exact_repeats(transcript: Transcript) -> Iterator[Observation[str]]:
    for speaker in Speaker:
        before: set[str] = set()
        for said in transcript.by(speaker):
            form = normalized(said.text)
            # A turn without words has a row of its own and repeats nothing.
            yield Observation(part(bool(form) and form in before), speaker, said.exchange)
            before.add(form)


def _sentences_said_before(transcript: Transcript) -> Iterator[Observation[str]]:
    for speaker in Speaker:
        before: set[str] = set()
        for said in transcript.by(speaker):
            if found := countable_sentences(said.text):
                repeated = sum(sentence in before for sentence in found)
                yield Observation(part(repeated, len(found)), speaker, said.exchange)
                before.update(found)


def _end_runs(transcript: Transcript) -> Iterator[Observation[str]]:
    for speaker in Speaker:
        if own := transcript.by(speaker):
            run = sum(takewhile(bool, reversed(_near(own))))
            yield Observation(part(run >= _END_RUN), speaker)


MEASURES = (
    Measure(
        name="client_near_duplicates",
        label="client utterances close to an earlier one of its own",
        unit="share",
        observe=_near_duplicates,
        statistic=rate,
        about=Speaker.CLIENT,
        published=0.315,
        at_most=0.03,
    ),
    Measure(
        name="client_exact_repeats",
        label="client utterances equal to an earlier one",
        unit="share",
        observe=_exact_repeats,
        statistic=rate,
        about=Speaker.CLIENT,
        published=0.159,
        at_most=0,
    ),
    Measure(
        name="client_sentences_said_before",
        label="client sentences of five words or more said before",
        unit="share",
        observe=_sentences_said_before,
        statistic=rate,
        about=Speaker.CLIENT,
        published=0.303,
        at_most=0.03,
    ),
    Measure(
        name="end_runs",
        label="sessions that end in three or more repetitions by the client",
        unit="share",
        observe=_end_runs,
        statistic=rate,
        about=Speaker.CLIENT,
        published=147 / 442,
        at_most=0,
    ),
)
"""Near: word-trigram Jaccard index of 0.5 or more (`magnet.state.text`) with any earlier
utterance of the same speaker. The published share over exchanges 5, 10, 15, 20: 13, 19, 49, 68%.
"""
