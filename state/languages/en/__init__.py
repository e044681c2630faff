"""English. Source of the cases: the sessions published with MAGneT (arXiv 2509.04183)."""

from importlib.resources import files

from magnet.state.languages.en.roles import PERSONS, ROLES
from magnet.state.languages.en.sentences import SENTENCES
from magnet.state.languages.en.speech import SPEECH
from magnet.state.languages.en.techniques import TECHNIQUES
from magnet.state.languages.language import Language

LANGUAGE = Language(
    folder=files(__name__),
    stemmer="english",
    sentences=SENTENCES,
    roles=ROLES,
    speech=SPEECH,
    techniques=TECHNIQUES,
    persons=PERSONS,
)
