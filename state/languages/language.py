"""What a language has to say: its words and patterns, each where the software asks for it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.resources.abc import Traversable

from magnet.state.languages.lines import Lines, read_lines
from magnet.state.languages.risk_words import RiskWords, read_risk_words
from magnet.state.utterance import Speaker

NEVER = re.compile(r"(?!)")
"""Matches nothing: for a pattern that a language has no use for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceMarks:
    """Where sentences begin and end."""

    between: re.Pattern[str]
    """What parts two sentences; a text is split at it."""
    no_end: re.Pattern[str]
    """The end of a text that ends no sentence for certain: an ellipsis, an abbreviation."""
    glued: re.Pattern[str]
    """The group `stop` is a mark with a sentence right behind it. May match without the group, to
    step over what only looks so, such as an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleWords:
    """What the two speakers are called in the label of a turn; each a regular expression."""

    speakers: Mapping[Speaker, str]
    before: str
    """What may stand before the word, such as an article."""
    after: str
    """What may stand after it, such as "'s response"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeechPatterns:
    """What does not belong in speech, and how speech begins and ends."""

    note: re.Pattern[str]
    """A remark about the text, to whoever reads it; up to its bracket or the end of its line."""
    stage_note: re.Pattern[str]
    """A stage direction in brackets or asterisks, with the white space around it."""
    preface: re.Pattern[str]
    """An announcement of the answer, at the start of a text."""
    assistant_voice: re.Pattern[str]
    """A language model that speaks as one, or refuses as one does."""
    about_the_work: re.Pattern[str]
    """A counselor's words about its task: whoever is spoken to is no "client" to their face."""
    about_the_counselor: re.Pattern[str]
    """A client's words about the counselor that it talks to, or about the talk as a play."""
    about_by_name: Callable[[str], re.Pattern[str]]
    """For a first name: this person is spoken of, not to."""
    called_by_name: Callable[[str], re.Pattern[str]]
    """For a first name: whoever is spoken to is called so."""
    closing_cue: re.Pattern[str]
    """A farewell, or word of the session's end or the next one."""
    formula: re.Pattern[str]
    """An opening that counselors wear out."""
    lead_in: re.Pattern[str]
    """The part of such an opening that can be left out before what it leads to."""
    several_sessions: re.Pattern[str]
    """A second or later session or week: a plan is for one session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TechniqueWords:
    """How techniques are named in speech, and what of a sentence goes with such a name."""

    name: re.Pattern[str]
    """The name of one of the twelve CBT techniques, or of what a specialist does."""
    bracketed: re.Pattern[str]
    leading: re.Pattern[str]
    """At the start of a sentence; the group `next` is the letter that the rest begins with."""
    used_to: re.Pattern[str]
    """Between a modal verb and the verb that says what for."""
    modal: re.Pattern[str]
    """The end of a text after which `used_to` can go."""
    trailing: re.Pattern[str]
    """At the end of a clause."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonWords:
    """What tells who speaks."""

    first: frozenset[str]
    """The pronouns of whoever speaks, in lower case."""
    second: frozenset[str]
    """Those of whoever is spoken to."""
    only: Mapping[Speaker, re.Pattern[str]]
    """What only this speaker says."""


@dataclass(frozen=True, kw_only=True)
class Language:
    """One natural language. What lies in files of its folder is read when it is first asked for."""

    folder: Traversable
    """Holds `function-words.txt`, `risk.yaml` and `lines.toml`."""
    stemmer: str
    """The language's name in Snowball, whose stemmer is used."""
    sentences: SentenceMarks
    roles: RoleWords
    speech: SpeechPatterns
    techniques: TechniqueWords
    persons: PersonWords

    @cached_property
    def function_words(self) -> frozenset[str]:
        """The closed classes of the language, and what dialogue fills its pauses with."""
        text = (self.folder / "function-words.txt").read_text(encoding="utf-8")
        return frozenset(text.split())

    @cached_property
    def risk(self) -> RiskWords:
        """The signs of danger."""
        return read_risk_words(self.folder / "risk.yaml")

    @cached_property
    def lines(self) -> Lines:
        """The sentences that stand in for what a model did not say."""
        return read_lines(self.folder / "lines.toml")
