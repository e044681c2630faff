"""Whatever is said of one natural language: a folder each, English first, loaded by name.

A folder holds a package with `LANGUAGE`, patterns in Python modules, and three data files; see
`magnet.state.languages.en`. Another distribution adds a language by an entry point of the group
`magnet.languages`.
"""

from magnet.state.languages.language import (
    NEVER,
    Language,
    PersonWords,
    RoleWords,
    SentenceMarks,
    SpeechPatterns,
    TechniqueWords,
)
from magnet.state.languages.loading import ENGLISH, UnknownLanguageError, load_language

__all__ = [
    "ENGLISH",
    "NEVER",
    "Language",
    "PersonWords",
    "RoleWords",
    "SentenceMarks",
    "SpeechPatterns",
    "TechniqueWords",
    "UnknownLanguageError",
    "load_language",
]
