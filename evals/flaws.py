"""Measuring the flaws of generated sessions that show in their utterances."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from statistics import median, quantiles

from evals.flaw_table import (
    CLIENT_MEDIAN_WORDS_AT_MOST,
    PUBLISHED,
    PUBLISHED_COMMONEST_OPENING,
    PUBLISHED_NEAR_DUPLICATES_BY_TURN,
    PUBLISHED_WORDS,
    FlawTable,
    Published,
    Share,
    Spread,
)
from state.speech_patterns import CLOSING_CUE, NOTE, ROLE_LABEL, TECHNIQUE_NAME, is_glued
from state.text import (
    countable_sentences,
    ends_with_question,
    near_duplicate,
    normalized,
    opening,
    words,
)
from state.utterance import Speaker

__all__ = [
    "CLIENT_MEDIAN_WORDS_AT_MOST",
    "PUBLISHED",
    "PUBLISHED_COMMONEST_OPENING",
    "PUBLISHED_NEAR_DUPLICATES_BY_TURN",
    "PUBLISHED_WORDS",
    "FlawTable",
    "Published",
    "Share",
    "Spread",
    "measure_flaws",
]

Spoken = Sequence[tuple[Speaker, str]]

_FORMULAS = 5
_END_RUN = 3
_LAST_UTTERANCES = 4


@dataclass(frozen=True, slots=True)
class _Repetition:
    """What one client repeats of its own, an entry an utterance (a sentence in `sentences`)."""

    near: list[bool]
    exact: list[bool]
    sentences: list[bool]

    @property
    def end_run(self) -> int:
        return sum(takewhile(bool, reversed(self.near)))


def _repetition(texts: Sequence[str]) -> _Repetition:
    near = [any(near_duplicate(text, b) for b in texts[:i]) for i, text in enumerate(texts)]
    forms = [normalized(text) for text in texts]
    # A turn without words has a row of its own and repeats nothing.
    exact = [bool(form) and form in forms[:i] for i, form in enumerate(forms)]
    before: set[str] = set()
    said: list[bool] = []
    for text in texts:
        found = countable_sentences(text)
        said += [sentence in before for sentence in found]
        before.update(found)
    return _Repetition(near, exact, said)


def _share(flags: Iterable[bool]) -> Share:
    counted = list(flags)
    return Share(count=sum(counted), of=len(counted))


def _by_turn(repetitions: Sequence[_Repetition]) -> dict[int, Share]:
    """Count over the sessions that have the turn, the client's own turns numbered from 1."""
    longest = max((len(r.near) for r in repetitions), default=0)
    return {
        turn + 1: _share(r.near[turn] for r in repetitions if len(r.near) > turn)
        for turn in range(longest)
    }


def _commonest_openings(texts: Sequence[str]) -> dict[str, Share]:
    counted = Counter(opening(text) for text in texts if words(text))
    return {
        start: Share(count=count, of=len(texts)) for start, count in counted.most_common(_FORMULAS)
    }


def _spread(texts: Sequence[str]) -> Spread:
    lengths = [len(words(text)) for text in texts]
    if len(lengths) == 1:
        lengths *= 2
    twentieths = quantiles(lengths, n=20, method="inclusive")
    return Spread(median=median(lengths), p5=twentieths[0], p95=twentieths[-1])


def measure_flaws(sessions: Sequence[Spoken]) -> FlawTable:
    """Count the flaws of a set of sessions.

    Args:
        sessions: for each session its generated utterances, speaker and text, in order; the given
            opening pair left out.

    Returns:
        The table. Shares over utterances weigh each utterance alike, not each session.
    """
    all_texts = [text for session in sessions for _, text in session]
    # A role label is a flaw of its own; it must not hide an empty turn or a repetition.
    stripped = [[(who, ROLE_LABEL.sub("", text)) for who, text in s] for s in sessions]
    by_speaker = {
        speaker: [[text for who, text in session if who == speaker] for session in stripped]
        for speaker in Speaker
    }
    client = [text for texts in by_speaker[Speaker.CLIENT] for text in texts]
    counselor = [text for texts in by_speaker[Speaker.COUNSELOR] for text in texts]
    repetitions = [_repetition(texts) for texts in by_speaker[Speaker.CLIENT]]
    openings = _commonest_openings(counselor)
    return FlawTable(
        sessions=len(sessions),
        client_near_duplicates=_share(flag for r in repetitions for flag in r.near),
        client_near_duplicates_by_turn=_by_turn(repetitions),
        client_exact_repeats=_share(flag for r in repetitions for flag in r.exact),
        client_sentences_said_before=_share(flag for r in repetitions for flag in r.sentences),
        end_runs=_share(r.end_run >= _END_RUN for r in repetitions),
        formula_openings=Share(count=sum(o.count for o in openings.values()), of=len(counselor)),
        commonest_openings=openings,
        counselor_questions=_share(map(ends_with_question, counselor)),
        empty_client_turns=_share(not words(text) for text in client),
        technique_named=_share(bool(TECHNIQUE_NAME.search(text)) for text in counselor),
        glued=_share(map(is_glued, all_texts)),
        notes=_share(bool(NOTE.search(text)) for text in all_texts),
        role_labels=_share(bool(ROLE_LABEL.search(text)) for text in all_texts),
        closing_cues=_share(
            any(CLOSING_CUE.search(text) for _, text in session[-_LAST_UTTERANCES:])
            for session in stripped
        ),
        last_counselor_asks=_share(
            ends_with_question(texts[-1]) for texts in by_speaker[Speaker.COUNSELOR] if texts
        ),
        words={
            speaker: _spread(texts)
            for speaker, texts in ((Speaker.COUNSELOR, counselor), (Speaker.CLIENT, client))
            if texts
        },
    )
