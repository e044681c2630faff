"""Repairs to what a model said, so that a text holds the speaker's speech and nothing else."""

import re
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass
from functools import partial

from magnet.nodes.echoes import echoes
from magnet.nodes.technique_names import leave_techniques_unnamed
from magnet.nodes.turn_extraction import (
    drop_preface,
    drop_role_label,
    drop_template_tokens,
    keep_own_turn,
)
from magnet.state.languages import ENGLISH, load_language
from magnet.state.technique import packaged_techniques
from magnet.state.text import (
    MIN_SENTENCE_WORDS,
    countable_sentences,
    ends_with_question,
    sentences,
    unglue,
    whole_sentences,
    words,
)
from magnet.state.utterance import Speaker

Rule = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A repaired text, and the names of the rules that changed it."""

    text: str
    repairs: tuple[str, ...]


def _drop_notes(text: str, *, language: str) -> str:
    return load_language(language).speech.note.sub("", text)


def _drop_stage_notes(text: str, *, language: str) -> str:
    def replace(match: re.Match[str]) -> str:
        return "" if text[match.end() : match.end() + 1] in ",.;?!" else " "

    return load_language(language).speech.stage_note.sub(replace, text)


def _as_sentence(match: re.Match[str]) -> str:
    line = match["line"].rstrip()
    return line if line[-1] in '.?!:;,\u2026"\u201d' else f"{line}."


_FENCE_OR_RULE = re.compile(r"^[ \t]*(?:```\w*|(?:[-*_][ \t]?){3,})[ \t]*$", re.M)
_HEADING = re.compile(r"^[ \t]*#{1,6}[ \t]+(?P<line>\S.*)$", re.M)
_BULLET = re.compile(r"^[ \t]*[-*\u2022\u2013][ \t]+(?P<line>\S.*)$", re.M)
_NUMBERED = re.compile(r"^[ \t]*\d{1,2}[.)][ \t]+(?P<line>\S.*)$", re.M)
_STRONG = re.compile(r"(\*\*|__)(?=\S)(?P<inner>.+?)(?<=\S)\1")


def _drop_markdown(text: str) -> str:
    text = _STRONG.sub(lambda m: m["inner"], _FENCE_OR_RULE.sub("", text))
    for listing in (_HEADING, _BULLET):
        text = listing.sub(_as_sentence, text)
    # One numbered line alone may be an answer on a scale: "7. Maybe 8."
    return _NUMBERED.sub(_as_sentence, text) if len(_NUMBERED.findall(text)) > 1 else text


_QUOTED = re.compile(
    r"\s*(?:\"([^\"]*)\"|\u201c([^\u201c\u201d]*)\u201d|'([^']*(?:\w'\w[^']*)*[.?!])')\s*", re.S
)


def _drop_surrounding_quotes(text: str) -> str:
    match = _QUOTED.fullmatch(text)
    return next(inner for inner in match.groups() if inner is not None) if match else text


def _collapse_whitespace(text: str) -> str:
    return " ".join(text.split())


def _keep_complete_sentences(text: str, *, language: str) -> str:
    *complete, last = sentences(text, language) or [""]
    if not complete or last.rstrip("\"'\u201d\u2019)").endswith((".", "?", "!", "\u2026")):
        return text
    return " ".join(complete)


_LEAST_LEFT = 3


def _leave_out(text: str, *, unwanted: Callable[[str], bool], language: str) -> str:
    """Leave out sentences, where something else remains."""
    rest = " ".join(one for one in sentences(text, language) if not unwanted(one))
    return rest if len(words(rest)) >= _LEAST_LEFT else text


def _say_once(text: str, *, language: str) -> str:
    """Leave out sentences that the same text has already said; short ones may insist.

    A question is not what a statement in the same words is, and one that ends the text stays there.
    """
    found = whole_sentences(text, language)
    keys = [(ends_with_question(one), *words(one)) for one in found]
    place_of = {key: place for place, key in reversed([*enumerate(keys)])}
    if ends_with_question(text):
        place_of[keys[-1]] = len(keys) - 1
    kept = [
        one
        for place, (key, one) in enumerate(zip(keys, found, strict=True))
        if len(words(one)) < MIN_SENTENCE_WORDS or place_of[key] == place
    ]
    return " ".join(kept) if len(kept) < len(found) else text


_PAIRS = (('"', '"'), ("\u201c", "\u201d"), ("(", ")"), ("[", "]"))


def _drop_dangling_marks(text: str) -> str:
    for opening, closing in _PAIRS:
        more = text.count(opening) - text.count(closing)
        mark = opening if more >= 0 else closing
        surplus = text.count(mark) % 2 if opening == closing else abs(more)
        while surplus and text.startswith(mark):
            text, surplus = text[1:].lstrip(), surplus - 1
        # A mark behind a colon is a smile, not half of a pair.
        while surplus and text.endswith(mark) and text[-2:-1] not in tuple(":;=-"):
            text, surplus = text[:-1].rstrip(), surplus - 1
    return text


def _rules(
    speaker: Speaker,
    names: Sequence[str],
    earlier: Sequence[str],
    instructions: Set[tuple[str, ...]],
    truncated: bool,
    techniques: Iterable[str],
    language: str,
) -> tuple[tuple[str, Rule], ...]:
    """Return the rules in the order in which they run."""
    before = {one for text in earlier for one in countable_sentences(text, language)}

    def was_said(sentence: str) -> bool:
        return not before.isdisjoint(countable_sentences(sentence, language))

    def in_language(rule: Callable[..., str]) -> Rule:
        return partial(rule, language=language)

    leave_out = partial(_leave_out, language=language)
    unname = in_language(partial(leave_techniques_unnamed, techniques=tuple(techniques)))
    unnamed: tuple[tuple[str, Rule], ...] = (("technique-name", unname),)
    cut_off: tuple[tuple[str, Rule], ...] = (("cut-off", in_language(_keep_complete_sentences)),)
    return (
        ("template-token", drop_template_tokens),
        ("preface", in_language(drop_preface)),
        ("role-label", in_language(partial(drop_role_label, speaker=speaker, names=names))),
        ("second-speaker", in_language(partial(keep_own_turn, speaker=speaker, names=names))),
        ("surrounding-quotes", _drop_surrounding_quotes),
        ("note", in_language(_drop_notes)),
        ("stage-note", in_language(_drop_stage_notes)),
        ("markdown", _drop_markdown),
        ("glued", in_language(unglue)),
        ("whitespace", _collapse_whitespace),
        *(unnamed if speaker is Speaker.COUNSELOR else ()),
        *(cut_off if truncated else ()),
        ("prompt-echo", partial(leave_out, unwanted=partial(echoes, instructions=instructions))),
        ("said-twice", in_language(_say_once)),
        ("said-before", partial(leave_out, unwanted=was_said)),
        ("dangling-mark", _drop_dangling_marks),
    )


_LONGEST = 6_000
"""Characters of an answer that are read; a spoken turn has a tenth of that."""
_MOST_ROUNDS = 8
"""Speech takes one or two. What takes more is a list marker a thousand times over."""


def clean(
    text: str,
    speaker: Speaker,
    *,
    names: Sequence[str] = (),
    earlier: Sequence[str] = (),
    instructions: Set[tuple[str, ...]] = frozenset(),
    truncated: bool = False,
    techniques: Iterable[str] | None = None,
    language: str = ENGLISH,
) -> Cleaned:
    """Repair a model's answer; a repaired text is not changed again.

    `names` are first names that may stand as a role label; `earlier` are the speaker's utterances
    so far and `instructions` runs of words of the prompts: sentences that repeat either are left
    out where something else remains. `truncated` says that the token limit cut the answer off;
    `techniques` are what drafts are labeled with, the packaged ones where none are given;
    `language` is the name of the text's language. The text may come back empty: nothing in it was
    speech.
    """
    repairs: dict[str, None] = {}
    text = text.strip()
    if len(text) > _LONGEST:
        text, truncated = text[:_LONGEST], True
        repairs["overlong"] = None
    labels = packaged_techniques() if techniques is None else techniques
    rules = _rules(speaker, names, earlier, instructions, truncated, labels, language)
    # What one rule removes can uncover work for an earlier one, so the table runs until no rule
    # changes anything. Every rule but two removes; `glued` parts what stays parted, and
    # `markdown` gives a stop for the list marker that it takes: so this ends.
    for _ in range(_MOST_ROUNDS):
        before = text
        for name, rule in rules:
            after = rule(text).strip()
            if after != text:
                repairs[name] = None
            text = after
        if text == before:
            break
    return Cleaned(text, tuple(repairs))
