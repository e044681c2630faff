"""What the director demands of the two utterances of an exchange."""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import accumulate
from random import Random

from magnet.nodes.director.lexicon import load_lexicon
from magnet.nodes.director.lines import (
    asks_about,
    goodbye,
    leave_taking,
    names_help,
    safety_lines,
    says_it_leaves,
)
from magnet.nodes.director.novelty import latest_texts
from magnet.nodes.requirement import Demand
from magnet.state import (
    Direction,
    LeaveReason,
    RiskKind,
    SessionState,
    Speaker,
    Techniques,
    candidates_of,
    current_exchange,
    derive_seed,
    direction_of,
)
from magnet.state.function_words import content_words
from magnet.state.languages import load_language
from magnet.state.text import ends_with_question, normalized, opening, whole_sentences, words

# What is left of a repaired text should still be an answer.
_LEAST_LEFT = 6
_LEAST_SAID = 4
_LONGER_BY, _LONGER_WORDS = 1.5, 10

_QUOTED = re.compile(r"[\"\u201c\u201d]")


def demands_of(state: SessionState, speaker: Speaker, techniques: Techniques) -> tuple[Demand, ...]:
    """Give what the director demands of the next utterance; nothing where there is none."""
    exchange = current_exchange(state)
    direction = direction_of(state, exchange)
    if direction is None:
        return ()
    rng = Random(derive_seed(state["settings"].seed, exchange, "director", speaker))
    of_speaker = _of_counselor if speaker is Speaker.COUNSELOR else _of_client
    return tuple(of_speaker(state, direction, rng, techniques))


def _of_counselor(
    state: SessionState, direction: Direction, rng: Random, techniques: Techniques
) -> list[Demand]:
    demands: list[Demand] = []
    kinds = direction.risk.address if direction.risk else ()
    remind = direction.risk.remind if direction.risk else ()
    if direction.novelty:
        demands.append(_a_whole_turn())
        used = direction.novelty.counselor
        demands.append(_another_opening(used.openings, formulas=True))
        demands.append(_without_phrases(used.phrases))
        if not (kinds or direction.is_last):
            drafted = _drafted_questions(state, direction.exchange, used.phrases, techniques)
            demands.append(_question(drafted) if direction.novelty.asks else _no_question())
    for kind in kinds:
        # Two demands, so that of several answers the one that lacks less is kept.
        ask, help_line = safety_lines(kind, rng)
        demands += [_safety(kind, ask), _help(kind, help_line)]
    for kind in remind:
        demands.append(_help(kind, safety_lines(kind, rng)[1]))
    if direction.is_last:
        demands += [*([] if kinds else [_no_question()]), _goodbye(kinds, rng)]
    return demands


def _of_client(
    state: SessionState, direction: Direction, rng: Random, _: Techniques
) -> list[Demand]:
    demands: list[Demand] = []
    if direction.manner:
        demands.append(_length(direction.manner.words))
    if direction.novelty:
        used = direction.novelty.client
        # Asked for again, never taken out: what a client says twice may be what the screening has
        # to find.
        demands.append(replace(_another_opening(used.openings, formulas=False), repair=None))
        demands.append(replace(_without_phrases(used.phrases), repair=None))
        # Who says goodbye, or answers whether it is in danger, has that to say.
        if not (direction.ending or direction.asks_for_safety):
            demands.append(_something_new(latest_texts(state, Speaker.CLIENT)))
    if direction.ending and direction.ending.leaving and not direction.is_last:
        demands.append(_leave_taking(direction.ending.leaving, rng))
    return demands


def _another_opening(used: tuple[str, ...], *, formulas: bool) -> Demand:
    speech = load_language().speech

    def fails(text: str) -> bool:
        return opening(text) in used or (formulas and bool(speech.formula.match(text)))

    def repair(text: str) -> str:
        shorter = _capitalized(speech.lead_in.sub("", text)) if formulas else text
        while fails(shorter) and len(words(rest := _without_first(shorter))) >= _LEAST_LEFT:
            shorter = rest
        return text if fails(shorter) else shorter

    return Demand(
        name="opening",
        fails=fails,
        hint="Begin with other words.",
        repair=repair,
    )


def _without_phrases(used: tuple[str, ...]) -> Demand:
    def fails(text: str) -> bool:
        spoken = f" {normalized(text)} "
        return any(f" {phrase} " in spoken for phrase in used)

    def repair(text: str) -> str:
        rest = " ".join(sentence for sentence in whole_sentences(text) if not fails(sentence))
        return rest if len(words(rest)) >= _LEAST_LEFT else text

    return Demand(
        name="stock-phrase", fails=fails, hint="Put it in words of its own.", repair=repair
    )


def _a_whole_turn() -> Demand:
    return Demand(
        name="too-little",
        fails=lambda text: len(words(text)) < _LEAST_SAID,
        hint="Say more: two sentences.",
    )


def _something_new(latest: Sequence[str]) -> Demand:
    # Of two or three words ("I'm nervous.", "Nervous.") no measure of likeness sees that they are
    # the same.
    said = {word for text in latest for word in content_words(text)}

    def fails(text: str) -> bool:
        told = content_words(text)
        return bool(told) and said.issuperset(told) and not load_lexicon().find(text)

    return Demand(
        name="nothing-new",
        fails=fails,
        hint="Tell something that has not come up yet.",
    )


def _drafted_questions(
    state: SessionState, exchange: int, used: tuple[str, ...], techniques: Techniques
) -> list[str]:
    """Give the questions of the drafts that can still be asked, without the phrases used up.

    Those of drafts with nothing wrong come first, and of these the ones of questioning.
    """
    asked = {
        normalized(sentence)
        for utterance in state["utterances"]
        if utterance.speaker is Speaker.COUNSELOR
        for sentence in whole_sentences(utterance.text)
    }
    asking = {name for name, one in techniques.items() if one.asks}
    drafts = sorted(
        candidates_of(state, exchange),
        key=lambda draft: (bool(draft.making.flags), draft.technique not in asking),
    )
    found = [one for draft in drafts for one in whole_sentences(draft.text)]
    stale = _without_phrases(used).fails
    return [
        one
        for one in found
        # One in quotation marks is not the counselor's own, and may be half of what is quoted.
        if one.endswith("?")
        and len(words(one)) >= _LEAST_SAID
        and not _QUOTED.search(one)
        and not stale(one)
        and normalized(one) not in asked
    ]


def _question(drafted: Sequence[str]) -> Demand:
    def repair(text: str) -> str:
        said = {normalized(sentence) for sentence in whole_sentences(text)}
        new = next((one for one in drafted if normalized(one) not in said), None)
        return _added(text, new) if new else text

    return Demand(
        name="question",
        fails=lambda text: not ends_with_question(text),
        hint="End with one open question.",
        repair=repair,
    )


def _no_question() -> Demand:
    def repair(text: str) -> str:
        said = whole_sentences(text)
        while said and ends_with_question(said[-1]):
            said.pop()
        rest = " ".join(said)
        return rest if len(words(rest)) >= _LEAST_LEFT else text

    return Demand(
        name="no-question",
        fails=ends_with_question,
        hint="End with a statement, without a question.",
        repair=repair,
    )


def _length(limit: int) -> Demand:
    most = max(_LONGER_BY * limit, limit + _LONGER_WORDS)

    def fails(text: str) -> bool:
        return len(words(text)) > most and len(whole_sentences(text)) > 1

    def repair(text: str) -> str:
        said = whole_sentences(text)
        total = accumulate(len(words(sentence)) for sentence in said)
        fits = sum(count <= most for count in total)
        kept, cut = said[: max(fits, 1)], said[max(fits, 1) :]
        # The screening reads what is left, so a sign of danger stays, however long the text.
        return " ".join([*kept, *(sentence for sentence in cut if load_lexicon().find(sentence))])

    return Demand(name="length", fails=fails, hint=None, repair=repair)


def _goodbye(kinds: Sequence[RiskKind], rng: Random) -> Demand:
    line = goodbye(rng)
    closing_cue = load_language().speech.closing_cue

    def unanswered(sentence: str) -> bool:
        return ends_with_question(sentence) and not any(asks_about(k, sentence) for k in kinds)

    def fails(text: str) -> bool:
        asks = any(unanswered(sentence) for sentence in whole_sentences(text))
        return asks or ends_with_question(text) or not closing_cue.search(text)

    def last_resort(text: str) -> str:
        # Nobody answers any more, so what it asks goes, however little is left.
        rest = " ".join(one for one in whole_sentences(text) if not unanswered(one))
        return _added(rest, line) if fails(rest) else rest

    return Demand(
        name="goodbye",
        fails=fails,
        hint="Say goodbye, and ask nothing: these are your last words in this session.",
        last_resort=last_resort,
    )


def _leave_taking(reason: LeaveReason, rng: Random) -> Demand:
    line = leave_taking(reason, rng)
    return Demand(
        name="leaving",
        fails=lambda text: not says_it_leaves(text),
        hint="Say that you want to stop.",
        last_resort=partial(_added, line=line),
    )


def _safety(kind: RiskKind, line: str) -> Demand:
    return Demand(
        name=f"safety-{kind}",
        fails=lambda text: not asks_about(kind, text),
        hint="Ask directly about the danger, by its name.",
        last_resort=partial(_added_before_goodbye, line=line),
    )


def _help(kind: RiskKind, line: str) -> Demand:
    return Demand(
        name=f"safety-{kind}-help",
        fails=lambda text: not names_help(text),
        hint="Say where help can be reached.",
        last_resort=partial(_added_before_goodbye, line=line),
    )


def _added(text: str, line: str) -> str:
    stop = "." if text[-1:].isalnum() else ""
    return f"{text}{stop} {line}".strip()


def _added_before_goodbye(text: str, line: str) -> str:
    said = whole_sentences(text)
    cue = load_language().speech.closing_cue
    place = next((place for place, one in enumerate(said) if cue.search(one)), len(said))
    return " ".join([_added(" ".join(said[:place]), line), *said[place:]])


def _without_first(text: str) -> str:
    return " ".join(whole_sentences(text)[1:])


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
