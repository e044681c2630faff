"""How long utterances are, and who talks how much."""

from collections.abc import Iterator, Mapping

from magnet.evals.quality.measure import Measure, Observation
from magnet.evals.quality.statistic import part, percentile, rate
from magnet.evals.quality.transcript import Transcript
from magnet.state.utterance import Speaker

_PERCENTILES: Mapping[str, tuple[int, str]] = {
    "words": (50, "median"),
    "words_p5": (5, "5th percentile"),
    "words_p95": (95, "95th percentile"),
}


def _words(transcript: Transcript) -> Iterator[Observation[int]]:
    for said in transcript.generated:
        yield Observation({len(said.words): 1}, said.speaker, said.exchange)


def _client_talk(transcript: Transcript) -> Iterator[Observation[str]]:
    words = {(said.exchange, said.speaker): len(said.words) for said in transcript.generated}
    for exchange in sorted({exchange for exchange, _ in words}):
        client = words.get((exchange, Speaker.CLIENT), 0)
        if both := client + words.get((exchange, Speaker.COUNSELOR), 0):
            yield Observation(part(client, both), exchange=exchange)


def _length(
    speaker: Speaker, kind: str, *, published: float, at_most: float | None = None
) -> Measure[int]:
    percent, title = _PERCENTILES[kind]
    return Measure(
        name=f"{speaker.value}_{kind}",
        label=f"words of a {speaker.value} utterance, {title}",
        unit="words",
        observe=_words,
        statistic=percentile(percent),
        about=speaker,
        published=published,
        at_most=at_most,
    )


MEASURES = (
    _length(Speaker.COUNSELOR, "words", published=77),
    _length(Speaker.COUNSELOR, "words_p5", published=47),
    _length(Speaker.COUNSELOR, "words_p95", published=116),
    _length(Speaker.CLIENT, "words", published=76, at_most=45),
    _length(Speaker.CLIENT, "words_p5", published=40),
    _length(Speaker.CLIENT, "words_p95", published=122),
    Measure(
        name="client_talk",
        label="words that the client says, of all words",
        unit="share",
        observe=_client_talk,
        statistic=rate,
    ),
)
