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
from magnet.state.speech_patterns import NOTE, unglue
from magnet.state.technique import packaged_techniques
from magnet.state.text import (
    MIN_SENTENCE_WORDS,
    countable_sentences,
    ends_with_question,
    sentences,
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


_VERB = r"(?:paus|sigh|smil|nod|chuckl|laugh|shrug|sniff|sob|whisper|hesitat|fidget|gestur)"
_STAGE_DIRECTION = (
    r"(?:(?:she|he|they|(?:the )?(?:client|counsell?or|therapist)) )?(?:(?:\w+ly|long|short) )?"
    rf"(?:{_VERB}e?s\b[^()\[\]*]{{0,80}}|{_VERB}ing(?: (?:\w+ly|a little|a bit))?"
    r"|(?:look|glanc|lean|star)(?:e?s|ing) (?:down|away|up|at|around|out|in|back|forward)\b"
    r"[^()\[\]*,]{0,60}"
    r"|tak(?:es|ing) a (?:deep |slow |long )?breath[^()\[\]*]{0,40}"
    r"|(?:clear|shak|wip|cr(?:y|i)|tear)(?:e?s|ing)(?: (?:his|her|their))? "
    r"(?:throat|head|eyes|tears|softly|quietly|up)[^()\[\]*]{0,40}"
    r"|in an? \w+ (?:voice|tone)|pause|silence|sigh|laughter)[.,!]?"
)
_BRACKETED_DIRECTION = (
    rf"(?:\({_STAGE_DIRECTION}\)|\[{_STAGE_DIRECTION}\]|\*{{1,2}}{_STAGE_DIRECTION}\*{{1,2}})"
)
_STAGE_NOTE = re.compile(
    rf"\A\s*{_BRACKETED_DIRECTION}[.,;!]*\s*|\s*{_BRACKETED_DIRECTION}\s*", re.I
)


def _drop_notes(text: str) -> str:
    return NOTE.sub("", text)


def _drop_stage_notes(text: str) -> str:
    def replace(match: re.Match[str]) -> str:
        return "" if text[match.end() : match.end() + 1] in ",.;?!" else " "

    return _STAGE_NOTE.sub(replace, text)


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


def _keep_complete_sentences(text: str) -> str:
    *complete, last = sentences(text) or [""]
    if not complete or last.rstrip("\"'\u201d\u2019)").endswith((".", "?", "!", "\u2026")):
        return text
    return " ".join(complete)


_LEAST_LEFT = 3


def _leave_out(text: str, *, unwanted: Callable[[str], bool]) -> str:
    """Leave out sentences, where something else remains."""
    rest = " ".join(sentence for sentence in sentences(text) if not unwanted(sentence))
    return rest if len(words(rest)) >= _LEAST_LEFT else text


def _say_once(text: str) -> str:
    """Leave out sentences that the same text has already said; short ones may insist.

    A question is not what a statement in the same words is, and one that ends the text stays there.
    """
    found = whole_sentences(text)
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
) -> tuple[tuple[str, Rule], ...]:
    """Give the rules in the order in which they run."""
    unnamed = partial(leave_techniques_unnamed, techniques=techniques)
    counselor: tuple[tuple[str, Rule], ...] = (("technique-name", unnamed),)
    before = {sentence for text in earlier for sentence in countable_sentences(text)}

    def was_said(sentence: str) -> bool:
        return not before.isdisjoint(countable_sentences(sentence))

    cut_off: tuple[tuple[str, Rule], ...] = (("cut-off", _keep_complete_sentences),)
    return (
        ("template-token", drop_template_tokens),
        ("preface", drop_preface),
        ("role-label", partial(drop_role_label, speaker=speaker, names=names)),
        ("second-speaker", partial(keep_own_turn, speaker=speaker, names=names)),
        ("surrounding-quotes", _drop_surrounding_quotes),
        ("note", _drop_notes),
        ("stage-note", _drop_stage_notes),
        ("markdown", _drop_markdown),
        ("glued", unglue),
        ("whitespace", _collapse_whitespace),
        *(counselor if speaker is Speaker.COUNSELOR else ()),
        *(cut_off if truncated else ()),
        ("prompt-echo", partial(_leave_out, unwanted=partial(echoes, instructions=instructions))),
        ("said-twice", _say_once),
        ("said-before", partial(_leave_out, unwanted=was_said)),
        ("dangling-mark", _drop_dangling_marks),
    )


def clean(
    text: str,
    speaker: Speaker,
    *,
    names: Sequence[str] = (),
    earlier: Sequence[str] = (),
    instructions: Set[tuple[str, ...]] = frozenset(),
    truncated: bool = False,
    techniques: Iterable[str] | None = None,
) -> Cleaned:
    """Repair a model's answer; a repaired text is not changed again.

    `names` are first names that may stand as a role label; `earlier` are the speaker's utterances
    so far and `instructions` runs of words of the prompts: sentences that repeat either are left
    out where something else remains. `truncated` says that the token limit cut the answer off;
    `techniques` are what drafts are labelled with, the packaged ones where none are given. The text
    may come back empty: nothing in it was speech.
    """
    labels = packaged_techniques() if techniques is None else techniques
    rules = _rules(speaker, names, earlier, instructions, truncated, labels)
    repairs: dict[str, None] = {}
    text = text.strip()
    # What one rule removes can uncover work for an earlier one, so the table runs until no rule
    # changes anything. Every rule but two removes; `glued` parts what stays parted, and
    # `markdown` gives a stop for the list marker that it takes: so this ends.
    while True:
        before = text
        for name, rule in rules:
            after = rule(text).strip()
            if after != text:
                repairs[name] = None
            text = after
        if text == before:
            return Cleaned(text, tuple(repairs))
