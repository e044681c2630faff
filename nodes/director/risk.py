"""The part `risk`: screening for danger.

A model must point at the client's own words; beside it stands a lexicon. Asking about suicide does
not bring the thought about (Dazzi et al., Psychological Medicine 44, 2014), so what is found is
asked about at once. A model alone cries wolf: it counts only with words that the client did write,
and for a kind of danger that the counselor has not asked about yet.
"""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Literal

from langgraph.runtime import Runtime
from pydantic import BaseModel, ConfigDict, Field

from magnet.nodes.context import SessionContext
from magnet.nodes.deciding import decide
from magnet.nodes.director.adding import added_before_goodbye
from magnet.nodes.director.lexicon import load_lexicon
from magnet.nodes.director.lines import asks_about, names_help, safety_lines
from magnet.nodes.director.part import (
    DirectorPart,
    ExchangeMoment,
    Fields,
    PartTexts,
    Wanted,
    a_text_for_each,
)
from magnet.nodes.requirement import Requirement
from magnet.state import Direction, RiskKind, SessionState, Speaker, current_exchange
from magnet.state.director import Risk, RiskFinding
from magnet.state.text import normalized, sentences, words

ADULT = 18
_NONE = "none"
_FEWEST_WORDS = 3


class Screening(BaseModel):
    """The screener's answer: what is told, what danger that is, the words that show it.

    In this order: asked for the words first, a small model copies all of them and then sees danger
    in each. The lengths are for the endpoint to keep to: no danger is lost to an answer that is
    longer.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    meaning: str = Field(json_schema_extra={"maxLength": 120})
    danger: Literal["none", RiskKind.SELF_HARM, RiskKind.ABUSE, RiskKind.DANGER_TO_OTHERS]
    words: str = Field(json_schema_extra={"maxLength": 200})


async def screen(
    state: SessionState, runtime: Runtime[SessionContext], agent: str, prompt: str
) -> Risk:
    """Screen what the client said last; in the first exchange the intake form too."""
    answer, provenance = await decide(
        state,
        runtime,
        agent=agent,
        prompt=prompt,
        answer_model=Screening,
        salvage=lambda _: Screening(meaning="", danger=_NONE, words=""),
        optional=True,
    )
    text = _screened(state)
    by_lexicon = load_lexicon().find(text)
    by_model = _confirmed(answer, text, by_lexicon)
    known = {finding.kind for finding in by_lexicon}
    asked = _asked(state)
    address = [finding.kind for finding in by_lexicon]
    address += [f.kind for f in by_model if f.kind not in known | asked]
    return Risk(
        minor=state["client"].form.age < ADULT,
        findings=(*by_lexicon, *by_model),
        address=tuple(address),
        provenance=provenance,
    )


def reminding(state: SessionState, risk: Risk) -> Risk:
    """Add, for a session's last exchange, the dangers that help has to be named for once more."""
    left = [kind for kind in RiskKind if kind in _asked(state) - set(risk.address)]
    return risk.model_copy(update={"remind": tuple(left)})


def _asked(state: SessionState) -> set[RiskKind]:
    return {kind for d in state.get("directions", ()) if d.risk for kind in d.risk.address}


def _screened(state: SessionState) -> str:
    """Return the client's own words alone: the counselor's questions are no signs."""
    said = state["utterances"][-1].text
    if current_exchange(state) > 1:
        return said
    return f"{state['client'].form.full_text}\n{said}"


def _confirmed(
    answer: Screening, text: str, by_lexicon: Sequence[RiskFinding]
) -> list[RiskFinding]:
    quoted = normalized(answer.words)
    is_quoted = len(words(quoted)) >= _FEWEST_WORDS and f" {quoted} " in f" {normalized(text)} "
    # Models find the place more surely than the kind: of a sentence that has a sign of its own, the
    # lexicon knows better. Another one of the same quotation may tell of another danger.
    known = [f" {normalized(finding.words)} " for finding in by_lexicon]
    told = [f" {normalized(sentence)} " for sentence in sentences(answer.words)]
    is_known = all(any(sign in sentence for sign in known) for sentence in told)
    if answer.danger == _NONE or not is_quoted or is_known:
        return []
    return [RiskFinding(kind=RiskKind(answer.danger), by="model", words=answer.words.strip())]


async def _decide(at: ExchangeMoment, _: Direction) -> Fields:
    return {"risk": await screen(at.state, at.runtime, at.agent, at.prompt)}


def _revise(at: ExchangeMoment, direction: Direction) -> Fields:
    if direction.risk and direction.is_last:
        return {"risk": reminding(at.state, direction.risk)}
    return {}


def _of_counselor(wanted: Wanted) -> list[Requirement]:
    risk = wanted.direction.risk
    requirements: list[Requirement] = []
    for kind in risk.address if risk else ():
        # Two demands, so that of several answers the one that lacks less is kept.
        ask, help_line = safety_lines(kind, wanted.rng)
        requirements += [_safety(kind, ask), _help(kind, help_line)]
    for kind in risk.remind if risk else ():
        requirements.append(_help(kind, safety_lines(kind, wanted.rng)[1]))
    return requirements


def _safety(kind: RiskKind, line: str) -> Requirement:
    return Requirement(
        name=f"safety-{kind}",
        fails=lambda text: not asks_about(kind, text),
        hint="Ask directly about the danger, by its name.",
        last_resort=partial(added_before_goodbye, line=line),
    )


def _help(kind: RiskKind, line: str) -> Requirement:
    return Requirement(
        name=f"safety-{kind}-help",
        fails=lambda text: not names_help(text),
        hint="Say where help can be reached.",
        last_resort=partial(added_before_goodbye, line=line),
    )


class RiskTexts(PartTexts):
    """What is said of it."""

    safety: Mapping[RiskKind, str]
    safety_again: str

    _complete = a_text_for_each("safety")


def _safety_told(_: SessionState, direction: Direction, texts: RiskTexts) -> str:
    if direction.risk is None:
        return ""
    told = [texts.safety[kind].strip() for kind in direction.risk.address]
    return " ".join([*told, texts.safety_again] if direction.risk.remind else told)


def _screened_told(state: SessionState, _: Direction, __: RiskTexts) -> str:
    counselor, client = state["utterances"][-2:]
    if current_exchange(state) == 1:
        return f"{state['client'].form.full_text}\n\nFirst words:\n{client.text}"
    return f"Asked: {counselor.text}\n\nWritten by the client:\n{client.text}"


PART = DirectorPart(
    texts=RiskTexts,
    words={"safety": _safety_told, "screened": _screened_told},
    decide=_decide,
    revise=_revise,
    requirements={Speaker.COUNSELOR: _of_counselor},
)
