"""How utterances begin and end: formulas at the start, questions at the end."""

from collections.abc import Iterator

from magnet.evals.quality.measure import Measure, Observation, each_utterance
from magnet.evals.quality.statistic import rate, share_of_commonest
from magnet.evals.quality.transcript import Transcript
from magnet.state.text import ends_with_question, opening
from magnet.state.utterance import Speaker

_FORMULAS = 5


def _openings(transcript: Transcript) -> Iterator[Observation[str]]:
    """Yield the first three words; nothing for an utterance without words, which still counts."""
    for said in transcript.generated:
        yield Observation({opening(said.text): 1}, said.speaker, said.exchange)


MEASURES = (
    Measure(
        name="formula_openings",
        label="counselor utterances with one of the five commonest openings",
        unit="share",
        observe=_openings,
        statistic=share_of_commonest(_FORMULAS),
        about=Speaker.COUNSELOR,
        published=0.51,
        at_most=0.20,
        names_shown=_FORMULAS,
        of_run=True,
    ),
    Measure(
        name="commonest_opening",
        label="counselor utterances with the commonest opening",
        unit="share",
        observe=_openings,
        statistic=share_of_commonest(1),
        about=Speaker.COUNSELOR,
        published=0.27,
        of_run=True,
    ),
    Measure(
        name="counselor_questions",
        label="counselor utterances that end with a question",
        unit="share",
        observe=each_utterance(lambda said: ends_with_question(said.text)),
        statistic=rate,
        about=Speaker.COUNSELOR,
        published=0.86,
        at_least=0.40,
        at_most=0.65,
    ),
)
"""Which openings are the commonest is counted anew in every group of sessions."""
