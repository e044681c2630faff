"""Whether a session comes to an end, or merely stops."""

from collections.abc import Iterator

from magnet.evals.quality.measure import Measure, Observation
from magnet.evals.quality.statistic import part, rate
from magnet.evals.quality.transcript import Transcript
from magnet.state.languages import load_language
from magnet.state.text import ends_with_question
from magnet.state.utterance import Speaker

_LAST_UTTERANCES = 4


def _closing_cues(transcript: Transcript) -> Iterator[Observation[str]]:
    cue = load_language().speech.closing_cue
    if last := transcript.generated[-_LAST_UTTERANCES:]:
        yield Observation(part(any(cue.search(said.text) for said in last)))


def _last_counselor_asks(transcript: Transcript) -> Iterator[Observation[str]]:
    for said in transcript.by(Speaker.COUNSELOR)[-1:]:
        yield Observation(part(ends_with_question(said.text)), Speaker.COUNSELOR)


MEASURES = (
    Measure(
        name="closing_cues",
        label="sessions with a closing cue in the last four utterances",
        unit="share",
        observe=_closing_cues,
        statistic=rate,
        published=14 / 442,
        at_least=0.90,
    ),
    Measure(
        name="last_counselor_asks",
        label="sessions whose last counselor utterance asks",
        unit="share",
        observe=_last_counselor_asks,
        statistic=rate,
        published=365 / 442,
        at_most=0.10,
    ),
)
