"""The question at the end of a counselor's turn: wanted, or not."""

import re
from collections.abc import Callable, Sequence

from magnet.nodes.director.adding import added
from magnet.nodes.requirement import Requirement
from magnet.state import SessionState, Speaker, Techniques, candidates_of
from magnet.state.text import ends_with_question, normalized, whole_sentences, words

LEAST_LEFT = 6
"""Words of a repaired text that should still be an answer."""
LEAST_SAID = 4
_QUOTED = re.compile(r"[\"\u201c\u201d]")


def drafted_questions(
    state: SessionState, exchange: int, techniques: Techniques, stale: Callable[[str], bool]
) -> list[str]:
    """Return the questions of the drafts that can still be asked.

    Those of drafts with nothing wrong come first, and of these the ones of techniques that ask.

    Args:
        state: the session so far.
        exchange: whose drafts.
        techniques: of the method.
        stale: whether a sentence uses a phrase that is used up.
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
        key=lambda draft: (bool(draft.provenance.flags), draft.technique not in asking),
    )
    found = [one for draft in drafts for one in whole_sentences(draft.text)]
    return [
        one
        for one in found
        # One in quotation marks is not the counselor's own, and may be half of what is quoted.
        if one.endswith("?")
        and len(words(one)) >= LEAST_SAID
        and not _QUOTED.search(one)
        and not stale(one)
        and normalized(one) not in asked
    ]


def question(drafted: Sequence[str]) -> Requirement:
    """Ask for a question at the end, and take one of a draft where there is none."""

    def repair(text: str) -> str:
        said = {normalized(sentence) for sentence in whole_sentences(text)}
        new = next((one for one in drafted if normalized(one) not in said), None)
        return added(text, new) if new else text

    return Requirement(
        name="question",
        fails=lambda text: not ends_with_question(text),
        hint="End with one open question.",
        repair=repair,
    )


def no_question() -> Requirement:
    """Ask for a turn that does not end with a question."""

    def repair(text: str) -> str:
        said = whole_sentences(text)
        while said and ends_with_question(said[-1]):
            said.pop()
        rest = " ".join(said)
        return rest if len(words(rest)) >= LEAST_LEFT else text

    return Requirement(
        name="no-question",
        fails=ends_with_question,
        hint="End with a statement, without a question.",
        repair=repair,
    )
