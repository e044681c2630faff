"""Screening: what the lexicon finds, what a model must prove, and what the counselor then says."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from magnet.nodes.director.lexicon import load_lexicon
from magnet.nodes.director.lines import asks_about, names_help, safety_lines
from magnet.sessions.example_forms import default_intake
from magnet.state import Direction, DirectorParts, RiskKind, SessionState, Speaker
from magnet.state.director import RiskFinding
from magnet.state.intake_files import read_clients
from tests.scripted import ScriptedModels, make_client, play

UTTERANCES: dict[str, Any] = yaml.safe_load(
    Path(__file__).with_name("risk_utterances.yaml").read_text(encoding="utf-8")
)
EXAMPLES = sorted(default_intake().parent.glob("*.yaml"))
AT_RISK = {
    "06-rafael-no-reason-to-wake-up": {RiskKind.SELF_HARM},
    "07-sinead-walking-on-eggshells": {RiskKind.ABUSE},
}
RISK_ALONE = DirectorParts(
    phases=False, inner_life=False, novelty=False, affect_guard=False, closing=False
)
QUIET = {"meaning": "A day.", "danger": "none", "words": ""}


def sees(danger: RiskKind, words: str) -> dict[str, str]:
    return {"meaning": "A night.", "danger": danger, "words": words}


BLAND = "You came a long way through the snow today."
SAFE = "Are you thinking of killing yourself? A crisis line answers day and night."


@pytest.mark.parametrize("case", UTTERANCES["must"], ids=lambda case: case["text"][:30])
def test_the_lexicon_finds_what_it_must(case: dict[str, str]) -> None:
    assert case["kind"] in {finding.kind for finding in load_lexicon().find(case["text"])}


@pytest.mark.parametrize("text", UTTERANCES["must_not"], ids=lambda text: text[:30])
def test_the_lexicon_leaves_near_misses_alone(text: str) -> None:
    assert load_lexicon().find(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "I cut myself sometimes.",
        "I only cut myself once, on the arm.",
        "My husband hit me when he was drunk.",
        "He hit me hard last week.",
        "The man that hit me was my father.",
        "He pushed me into the wall.",
        "He beats me at night.",
        "I want to kill him at night.",
        "I can't stop cutting myself.",
        "I couldn't help cutting myself again.",
        "I can't go a day without suicidal thoughts.",
        "I don't only want to die, I plan it.",
        "There was no history of violence before he hit me.",
        "He denied it and hit me.",
    ],
)
def test_no_harmless_phrase_and_no_negation_hides_a_danger(text: str) -> None:
    assert len(load_lexicon().find(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "No history of abuse, violence or self-harm.",
        "He denies any suicidal thoughts.",
        "Then the panic hits me at night.",
        "My parents pushed me into law school.",
        "My anxiety won't let me leave the house.",
        "My brother always beat me at chess.",
        "I wanted to die of embarrassment.",
        "I'm burning myself out at work.",
        "I worry about hurting my husband's feelings.",
    ],
)
def test_a_denial_and_an_idiom_are_no_danger(text: str) -> None:
    assert load_lexicon().find(text) == []


def test_there_are_ten_utterances_of_each() -> None:
    assert [len(UTTERANCES[side]) for side in ("must", "must_not")] == [10, 10]
    assert {case["kind"] for case in UTTERANCES["must"]} == set(RiskKind)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_of_the_example_forms_those_two_are_at_risk(path: Path) -> None:
    [client] = read_clients(path)
    found = load_lexicon().find(f"{client.form.full_text}\n{client.opening.client}")
    assert {finding.kind for finding in found} == AT_RISK.get(path.stem, set())


@pytest.mark.parametrize("kind", RiskKind)
@pytest.mark.parametrize("seed", range(6))
def test_the_lines_that_stand_in_ask_and_name_help(kind: RiskKind, seed: int) -> None:
    ask, help_line = safety_lines(kind, Random(seed))
    assert asks_about(kind, ask) and not names_help(ask)
    assert names_help(help_line) and "?" not in help_line


async def screened(
    *answers: Any,
    form: dict[str, Any] | None = None,
    parts: DirectorParts = RISK_ALONE,
    **lines: Any,
) -> SessionState:
    models = ScriptedModels(director=list(answers) or [QUIET], **lines)
    client = make_client(**(form or {}))
    return await play(models, "magnet-plus", client=client, director=parts, turn_limit=4)


def directions(state: SessionState) -> list[Direction]:
    return state.get("directions", [])


def counselor(state: SessionState, exchange: int) -> Any:
    return next(
        u for u in state["utterances"] if (u.exchange, u.speaker) == (exchange, Speaker.COUNSELOR)
    )


async def test_what_the_form_says_is_asked_about_in_the_first_words() -> None:
    wish = {"presenting_problem": "At night I wish I was dead."}
    state = await screened(form=wish, fusion=[BLAND, SAFE])
    [first, second] = directions(state)
    assert first.risk and second.risk
    assert first.risk.address == (RiskKind.SELF_HARM,)
    assert second.risk.address == ()
    said = counselor(state, 1)
    assert said.text == SAFE
    assert said.provenance.rejected == ("safety-self-harm,safety-self-harm-help",)


async def test_a_counselor_that_never_asks_is_made_to() -> None:
    wish = {"presenting_problem": "At night I wish I was dead."}
    bland = [f"{BLAND[:-1]} {number}." for number in range(4)]
    state = await screened(form=wish, fusion=bland)
    said = counselor(state, 1)
    assert said.text.startswith(BLAND[:-1])
    assert asks_about(RiskKind.SELF_HARM, said.text)
    assert names_help(said.text)
    assert said.provenance.calls == 4
    assert said.provenance.repairs == ("safety-self-harm", "safety-self-harm-help")
    assert said.provenance.flags == ()


async def test_of_answers_that_lack_something_the_one_that_lacks_less_is_kept() -> None:
    wish = {"presenting_problem": "At night I wish I was dead."}
    asks = "When it is dark in there, do you think about killing yourself?"
    state = await screened(form=wish, fusion=[BLAND, asks, f"{BLAND} Now.", f"{BLAND} So."])
    said = counselor(state, 1)
    assert said.text.startswith(asks)
    assert said.text.count("?") == 1
    assert said.provenance.repairs == ("safety-self-harm-help",)


async def test_what_the_client_says_is_asked_about_next() -> None:
    state = await screened(client=["My husband hit me again on Sunday."])
    [first, second] = directions(state)
    assert first.risk and first.risk.findings == ()
    assert second.risk and second.risk.address == (RiskKind.ABUSE,)
    assert second.risk.findings == (RiskFinding(kind=RiskKind.ABUSE, by="lexicon", words="hit me"),)
    assert asks_about(RiskKind.ABUSE, counselor(state, 2).text)


async def test_at_the_goodbye_help_is_named_once_more() -> None:
    wish = {"presenting_problem": "At night I wish I was dead."}
    parts = RISK_ALONE.model_copy(update={"closing": True})
    bye = [f"{BLAND[:-1]} {number}, goodbye." for number in range(4)]
    state = await screened(form=wish, fusion=[SAFE, *bye], parts=parts)
    first, last = [d.risk for d in directions(state)]
    assert first and first.remind == ()
    assert last and (last.address, last.remind) == ((), (RiskKind.SELF_HARM,))
    said = counselor(state, 2)
    assert names_help(said.text)
    assert not asks_about(RiskKind.SELF_HARM, said.text)
    assert said.provenance.repairs == ("safety-self-harm-help",)


async def test_where_there_was_no_danger_no_help_is_named_at_the_goodbye() -> None:
    parts = RISK_ALONE.model_copy(update={"closing": True})
    bye = "Keep one evening free for yourself. Goodbye."
    state = await screened(fusion=[BLAND, bye], parts=parts)
    assert [d.risk.remind for d in directions(state) if d.risk] == [(), ()]
    assert counselor(state, 2).text == bye


async def test_a_model_must_point_at_the_clients_own_words() -> None:
    invented = sees(RiskKind.SELF_HARM, "I will jump tonight")
    state = await screened(invented)
    assert all(d.risk and d.risk.findings == () for d in directions(state))
    quoted = sees(RiskKind.SELF_HARM, "lie awake at night")
    first, *_ = directions(await screened(quoted))
    assert first.risk and [f.by for f in first.risk.findings] == ["model"]
    assert first.risk.address == (RiskKind.SELF_HARM,)


async def test_of_words_that_the_lexicon_knows_it_knows_the_kind() -> None:
    said = "My husband hit me again on Sunday."
    state = await screened(QUIET, sees(RiskKind.SELF_HARM, said), client=[said])
    _, second = directions(state)
    assert second.risk and second.risk.address == (RiskKind.ABUSE,)
    assert [finding.by for finding in second.risk.findings] == ["lexicon"]


async def test_a_second_danger_in_the_same_quotation_is_not_lost() -> None:
    said = "My husband hit me again on Sunday. I see no way out of any of it."
    state = await screened(QUIET, sees(RiskKind.SELF_HARM, said), client=[said])
    _, second = directions(state)
    assert second.risk and second.risk.address == (RiskKind.ABUSE, RiskKind.SELF_HARM)


async def test_a_danger_is_not_lost_to_an_answer_that_is_long() -> None:
    told = sees(RiskKind.SELF_HARM, "lie awake at night") | {"meaning": "A long night. " * 20}
    state = await screened(told)
    first, *_ = directions(state)
    assert first.risk and first.risk.address == (RiskKind.SELF_HARM,)
    assert first.risk.provenance.flags == ()


async def test_a_model_alone_has_each_danger_asked_about_once() -> None:
    said = "The nights are long and I see no way."
    again = sees(RiskKind.SELF_HARM, "see no way")
    state = await screened(sees(RiskKind.SELF_HARM, "lie awake at night"), again, client=[said])
    [first, second] = directions(state)
    assert first.risk and first.risk.address
    assert second.risk and len(second.risk.findings) == 1
    assert second.risk.address == ()


@pytest.mark.parametrize("odd", ["no JSON", '{"words": 5}', ""])
async def test_a_screening_that_cannot_be_read_is_flagged_and_the_lexicon_stands(odd: str) -> None:
    wish = {"presenting_problem": "At night I wish I was dead."}
    state = await screened(*[odd] * 8, form=wish)
    first, *_ = directions(state)
    assert first.risk and first.risk.address == (RiskKind.SELF_HARM,)
    assert first.risk.provenance.flags == ("unreadable",)


@pytest.mark.parametrize(("age", "minor"), [(17, True), (18, False)])
async def test_a_client_under_18_is_flagged(age: int, minor: bool) -> None:
    state = await screened(form={"age": age})
    assert all(d.risk and d.risk.minor is minor for d in directions(state))
