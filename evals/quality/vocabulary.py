"""How hard the language is, how varied, and who brings the words."""

from collections import Counter, deque
from collections.abc import Iterator, Sequence

from magnet.evals.quality.content_words import content_words
from magnet.evals.quality.measure import Measure, Observation
from magnet.evals.quality.statistic import Tally, part, rate
from magnet.evals.quality.transcript import Said, Transcript
from magnet.state.text import sentences, words
from magnet.state.utterance import Speaker

_WINDOW = 100


def _grade_tally(said: Said) -> Tally[str]:
    letters = sum(character.isalnum() for word in said.words for character in word)
    found = sum(bool(words(sentence)) for sentence in sentences(said.text))
    # L and S of the formula are per 100 words, so the grade is a quotient of these two.
    return part(5.88 * letters - 29.6 * found - 15.8 * len(said.words), len(said.words))


def _grade(transcript: Transcript) -> Iterator[Observation[str]]:
    """Observe the Coleman-Liau index, 0.0588 L - 0.296 S - 15.8 (Coleman and Liau 1975)."""
    for said in transcript.generated:
        if said.words:
            yield Observation(_grade_tally(said), said.speaker, said.exchange)


def moving_average_ttr(tokens: Sequence[str], window: int = _WINDOW) -> float | None:
    """Return the moving-average type-token ratio, MATTR (Covington and McFall 2010).

    The mean, over all runs of `window` words, of the share of different words in the run; none for
    a text shorter than that. Unlike the plain ratio it does not fall with the length of the text.
    """
    if len(tokens) < window:
        return None
    inside: Counter[str] = Counter()
    run: deque[str] = deque()
    different = 0
    for token in tokens:
        run.append(token)
        inside[token] += 1
        if len(run) > window:
            left = run.popleft()
            inside[left] -= 1
            if not inside[left]:
                del inside[left]
        if len(run) == window:
            different += len(inside)
    return different / (window * (len(tokens) - window + 1))


def _variety(transcript: Transcript) -> Iterator[Observation[str]]:
    for speaker in Speaker:
        tokens = [word for said in transcript.by(speaker) for word in said.words]
        if (ratio := moving_average_ttr(tokens)) is not None:
            yield Observation(part(ratio), speaker)


def _new_words(transcript: Transcript) -> Iterator[Observation[str]]:
    """Observe the slope of the curve of vocabulary over words said (Heaps 1978)."""
    for speaker in Speaker:
        known = {word for s in transcript.opening if s.speaker is speaker for word in s.words}
        for said in transcript.by(speaker):
            if said.words:
                new = set(said.words) - known
                yield Observation(part(len(new), len(said.words)), speaker, said.exchange)
                known |= new


def _words_from_other(transcript: Transcript) -> Iterator[Observation[str]]:
    """Observe, of the content words that are new with a speaker, those that the other said before.

    The opening pair is heard but not observed. Over a session each content word of a speaker counts
    once.
    """
    known: dict[Speaker, set[str]] = {speaker: set() for speaker in Speaker}
    for said in (*transcript.opening, *transcript.generated):
        new = content_words(said.text) - known[said.speaker]
        if new and said.exchange:
            tally = part(len(new & known[said.speaker.other]), len(new))
            yield Observation(tally, said.speaker, said.exchange)
        known[said.speaker] |= new


def _for_each_speaker() -> Iterator[Measure[str]]:
    for speaker in Speaker:
        who = speaker.value
        yield Measure(
            name=f"{who}_grade",
            label=f"readability of the {who}, Coleman-Liau index",
            unit="grade",
            observe=_grade,
            statistic=rate,
            about=speaker,
        )
        yield Measure(
            name=f"{who}_variety",
            label=f"variety of the {who}'s words, moving-average type-token ratio",
            unit="index",
            observe=_variety,
            statistic=rate,
            about=speaker,
        )
        yield Measure(
            name=f"{who}_new_words",
            label=f"words that are new with the {who}",
            unit="share",
            observe=_new_words,
            statistic=rate,
            about=speaker,
        )
        yield Measure(
            name=f"{who}_words_from_{speaker.other.value}",
            label=f"content words of the {who} that the {speaker.other.value} said first",
            unit="share",
            observe=_words_from_other,
            statistic=rate,
            about=speaker,
        )


MEASURES = tuple(_for_each_speaker())
