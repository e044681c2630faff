"""What does not belong in speech and still is in the text; see `magnet.state.languages`.

The published counts are of 8,840 utterances by each speaker.
"""

from magnet.evals.quality.measure import Measure, each_utterance
from magnet.evals.quality.statistic import rate
from magnet.evals.quality.transcript import Said
from magnet.state.languages import load_language
from magnet.state.role_labels import role_label
from magnet.state.text import is_glued
from magnet.state.utterance import Speaker

_BY_EACH = 8840


def _names_a_technique(said: Said) -> bool:
    return bool(load_language().techniques.name.search(said.text))


def _speaks_as_a_model(said: Said) -> bool:
    return bool(load_language().speech.assistant_voice.search(said.text))


MEASURES = (
    Measure(
        name="empty_client_turns",
        label="client utterances without a word",
        unit="share",
        observe=each_utterance(lambda said: not said.words),
        statistic=rate,
        about=Speaker.CLIENT,
        published=108 / _BY_EACH,
        at_most=0,
    ),
    Measure(
        name="technique_named",
        label="counselor utterances that name a technique",
        unit="share",
        observe=each_utterance(
            lambda said: bool(load_language().techniques.name.search(said.text))
        ),
        statistic=rate,
        about=Speaker.COUNSELOR,
        published=26 / _BY_EACH,
        at_most=0,
    ),
    Measure(
        name="glued",
        label="utterances with sentences glued together",
        unit="share",
        observe=each_utterance(lambda said: is_glued(said.stored)),
        statistic=rate,
        published=21 / (2 * _BY_EACH),
        at_most=0,
    ),
    Measure(
        name="notes",
        label="utterances with a note to the reader",
        unit="share",
        observe=each_utterance(lambda said: bool(load_language().speech.note.search(said.stored))),
        statistic=rate,
        published=4 / (2 * _BY_EACH),
        at_most=0,
    ),
    Measure(
        name="role_labels",
        label="utterances with a role label",
        unit="share",
        observe=each_utterance(lambda said: bool(role_label().search(said.stored))),
        statistic=rate,
        published=108 / (2 * _BY_EACH),
        at_most=0,
    ),
    Measure(
        name="assistant_voice",
        label="utterances in which a model speaks or refuses as one",
        unit="share",
        observe=each_utterance(
            lambda said: bool(load_language().speech.assistant_voice.search(said.text))
        ),
        statistic=rate,
        at_most=0,
    ),
)
