"""What a repair does to a text: something whole is left of it, or it stays as it is."""

import re
from collections.abc import Sequence
from typing import cast

import pytest

from magnet.nodes.director.lines import asks_about, names_help, says_it_leaves
from magnet.nodes.director.requiring import requirements_of
from magnet.nodes.requirement import Requirement, insist, repaired
from magnet.state import (
    Candidate,
    Direction,
    Farewell,
    Intention,
    LeaveReason,
    Provenance,
    RiskKind,
    SessionSettings,
    SessionState,
    Speaker,
    Utterance,
    start_session,
)
from magnet.state.director import DirectorParts, Ending, Manner, Novelty, Risk, UsedUp
from magnet.state.technique import packaged_techniques
from tests.scripted import make_client


def demands_in(
    direction: Direction, speaker: Speaker, *, said: Sequence[Utterance] = (), **more: object
) -> tuple[Requirement, ...]:
    """Return the demands of an exchange after what was said since the opening pair."""
    settings = SessionSettings(method="magnet-plus", director=DirectorParts())
    begun = start_session(make_client(), settings)
    utterances = [*begun["utterances"], *said]
    state = {**begun, "utterances": utterances, "directions": [direction], **more}
    return requirements_of(cast(SessionState, state), speaker, packaged_techniques())


def after_repairs(
    text: str, speaker: Speaker, used: UsedUp | None = None, manner: Manner | None = None
) -> str:
    """Repair a text in an exchange without a question, where these words are used up."""
    said = used or UsedUp()
    novelty = Novelty(counselor=said, client=said, asks=False)
    direction = Direction(exchange=1, novelty=novelty, manner=manner)
    return repaired(text, demands_in(direction, speaker))[0]


@pytest.mark.parametrize(
    "text",
    [
        "I hear it in your voice when you talk about home.",
        "I understand that completely.",
        "I hear you saying that work has become too much.",
        "It seems that way.",
        "So when he says that to you in the evening... what happens in you?",
        "You said you wake up around 3 a.m. and then you worry about work, is that right?",
    ],
)
def test_no_sentence_is_broken(text: str) -> None:
    assert after_repairs(text, Speaker.COUNSELOR) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("It sounds like you're carrying a lot alone.", "You're carrying a lot alone."),
        (
            "That took some courage to say out loud. What comes next?",
            "That took some courage to say out loud.",
        ),
    ],
)
def test_what_a_rule_can_mend(text: str, left: str) -> None:
    assert after_repairs(text, Speaker.COUNSELOR) == left


@pytest.mark.parametrize(
    ("text", "used"),
    [
        (
            "Honestly, I want to kill myself. But my boss called again about the weekend shift.",
            UsedUp(phrases=("want to kill myself",)),
        ),
        (
            "Yes, I have thought about ending my life. But the dog needs me to come home.",
            UsedUp(openings=("yes i have",)),
        ),
    ],
)
def test_nothing_is_taken_out_of_what_a_client_says(text: str, used: UsedUp) -> None:
    assert after_repairs(text, Speaker.CLIENT, used) == text


STATED = "That was a long night for you"
DRAFTED = "Can you tell me more about it?"
OTHER = "Who else was in the house?"


@pytest.mark.parametrize(
    ("text", "drafts", "after"),
    [
        (STATED, {"questioning": DRAFTED}, f"{STATED}. {DRAFTED}"),
        (f"{DRAFTED} {STATED}.", {"questioning": DRAFTED}, f"{DRAFTED} {STATED}."),
        (
            STATED,
            {"questioning": "How do you sleep at night now?", "reflection": OTHER},
            f"{STATED}. {OTHER}",
        ),
        (STATED, {"questioning": 'Ask, "What is the worst? Could I cope?"'}, STATED),
        (STATED, {"questioning": "It was long. Right?"}, STATED),
        (STATED, {}, STATED),
    ],
)
def test_a_drafted_question_is_added_where_it_can_be_asked(
    text: str, drafts: dict[str, str], after: str
) -> None:
    used = UsedUp(phrases=("do you sleep at",))
    novelty = Novelty(counselor=used, client=UsedUp(), asks=True)
    candidates = [
        Candidate(
            exchange=1, technique=technique, text=draft, provenance=Provenance(seed=1, calls=1)
        )
        for technique, draft in drafts.items()
    ]
    direction = Direction(exchange=1, novelty=novelty)
    requirements = demands_in(direction, Speaker.COUNSELOR, candidates=candidates)
    assert repaired(text, requirements)[0] == after


GOODBYE = Ending(farewell=Farewell.GOODBYE, leaving=LeaveReason.RELIEVED)
IN_DANGER = Risk(minor=False, address=(RiskKind.SELF_HARM,), provenance=Provenance(seed=1, calls=1))


@pytest.mark.parametrize(
    ("direction", "text", "asked_for"),
    [
        (Direction(exchange=2), "Thank you, I want to die.", False),
        (Direction(exchange=2), "Thank you, goodbye.", True),
        (Direction(exchange=2, ending=GOODBYE), "Thank you, goodbye.", False),
        (Direction(exchange=2, risk=IN_DANGER), "Thank you, goodbye.", False),
    ],
)
def test_something_new_is_not_asked_for_where_something_else_has_to_be_said(
    direction: Direction, text: str, asked_for: bool
) -> None:
    before = "Thank you, I want to die. Goodbye."
    made = Provenance(seed=1, calls=1)
    said = [
        Utterance(index=2, speaker=Speaker.COUNSELOR, text="Yes.", provenance=made),
        Utterance(index=3, speaker=Speaker.CLIENT, text=before, provenance=made),
        Utterance(index=4, speaker=Speaker.COUNSELOR, text="No.", provenance=made),
    ]
    novelty = Novelty(counselor=UsedUp(), client=UsedUp(), asks=False)
    direction = direction.model_copy(update={"novelty": novelty})
    requirements = demands_in(direction, Speaker.CLIENT, said=said)
    assert ("nothing-new" in [d.name for d in requirements if d.fails(text)]) is asked_for


def test_of_what_is_too_long_the_signs_of_danger_stay() -> None:
    text = (
        "The week was long and I did not get much done at all. My sister came by on Sunday. "
        "We talked about the house for hours. Some nights I want to kill myself. Anyway, she left."
    )
    brief = Manner(intention=Intention.ANSWER_SHORTLY, words=5)
    assert after_repairs(text, Speaker.CLIENT, manner=brief) == (
        "The week was long and I did not get much done at all. Some nights I want to kill myself."
    )


@pytest.mark.parametrize(
    ("text", "risk", "after"),
    [
        (
            "You did brave work today. Take care, and see you next week.",
            IN_DANGER.model_copy(update={"address": (), "remind": (RiskKind.SELF_HARM,)}),
            r"You did brave work today\. .*(?:crisis|emergency).* Take care.*\.",
        ),
        (
            "You did brave work today. Take care, and see you next week.",
            IN_DANGER,
            r"You did brave work today\. .*\?.*(?:crisis|emergency).* Take care.*\.",
        ),
        ("You did good work. What will you try?", None, r"You did good work\. [^?]*"),
        ("What do you take with you? Goodbye, and good luck.", None, "Goodbye, and good luck\\."),
        ("How do you feel now?", None, "[^?]+"),
    ],
)
def test_a_goodbye_comes_last_and_asks_nothing_that_nobody_answers(
    text: str, risk: Risk | None, after: str
) -> None:
    direction = Direction(exchange=1, ending=Ending(farewell=Farewell.GOODBYE), risk=risk)
    requirements = demands_in(direction, Speaker.COUNSELOR)
    said, provenance = insist(text, Provenance(seed=1, calls=1), requirements)
    assert re.fullmatch(after, said), said
    assert provenance.flags == ()


def test_a_quotation_is_not_cut_in_two() -> None:
    text = 'My dad only said "Get over it. We all have problems, you know." Then he left the room.'
    brief = Manner(intention=Intention.ANSWER_SHORTLY, words=3)
    assert after_repairs(text, Speaker.CLIENT, manner=brief).count('"') == 2


@pytest.mark.parametrize(
    ("text", "leaves"),
    [
        ("I'd like to stop soon.", True),
        ("Look, I've had enough for today.", True),
        ("I can't stop thinking about it.", False),
        ("I never feel good enough at work.", False),
        ("I could never leave my husband.", False),
        ("I have to go to work early tomorrow.", False),
        ("I have to go soon, somebody is waiting for me.", True),
        ("I want to leave now.", True),
        ("Nothing I do is enough.", False),
        ("I have to leave the house at six.", False),
        ("I'd like to run more often.", False),
        ("I never want to go anywhere.", False),
    ],
)
def test_a_client_leaves_only_when_it_says_so(text: str, leaves: bool) -> None:
    assert says_it_leaves(text) is leaves


@pytest.mark.parametrize(
    ("kind", "text", "asks"),
    [
        (RiskKind.ABUSE, "What would feel safe to try this week?", False),
        (RiskKind.ABUSE, "Do you feel safe with him?", True),
        (RiskKind.SELF_HARM, "When the doctor told you that he was dying, what then?", False),
        (RiskKind.SELF_HARM, "Do you ever think about dying?", True),
        (RiskKind.SELF_HARM, "Do you think about ways to die?", True),
        (RiskKind.SELF_HARM, "What thoughts come up about her death?", False),
        (RiskKind.SELF_HARM, "What if you are not living up to their expectations?", False),
        (RiskKind.ABUSE, "Does your husband ever hurt you?", True),
        (RiskKind.ABUSE, "Is anyone at home hurting you?", True),
        (RiskKind.ABUSE, "What hurt you most about that?", False),
        (RiskKind.ABUSE, "Do you let that fear control you?", False),
        (RiskKind.DANGER_TO_OTHERS, "Do you think about hurting your brother?", True),
        (RiskKind.DANGER_TO_OTHERS, "Are you afraid of hurting your mother's feelings?", False),
    ],
)
def test_a_danger_is_asked_about_by_its_name(kind: RiskKind, text: str, asks: bool) -> None:
    assert asks_about(kind, text) is asks


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Your doctor may help.", False),
        ("You were in crisis mode all week.", False),
        ("There was an emergency at work.", False),
        ("The animal shelter needs you.", False),
        ("A crisis line answers at night.", True),
        ("There are helplines for people who live like that.", True),
        ("There are shelters near you.", True),
        ("Call the police if he comes back.", True),
    ],
)
def test_help_is_named_by_where_it_can_be_reached(text: str, named: bool) -> None:
    assert names_help(text) is named
