import json
import re
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnet.nodes.checking import HINTS, RETRY, check, penalty
from magnet.nodes.cleaning import clean
from magnet.prompts import PromptBook
from magnet.state.text import words
from magnet.state.utterance import Speaker

COUNSELOR, CLIENT = Speaker.COUNSELOR, Speaker.CLIENT
PUBLISHED = Path(__file__).parents[2].parent / "shared" / "data" / "magnet-released-1-120.zip"
EARLIER = ["I feel like I'm stuck in this job and there is no way out of it for me."]

FAILING = [
    ("empty", CLIENT, "..."),
    ("not-language", CLIENT, "I am so tired. " * 8),
    ("not-language", CLIENT, "%%% ### $$$ I"),
    ("assistant-voice", CLIENT, "I\u2019m an AI and have no family."),
    ("assistant-voice", CLIENT, "I'm sorry, but I can\u2019t assist with that."),
    ("assistant-voice", CLIENT, "I do not have the ability to answer that question."),
    ("assistant-voice", COUNSELOR, "I'm sorry, Jonas, but I can't continue this conversation."),
    (
        "assistant-voice",
        COUNSELOR,
        "I'm really sorry that you feel this way, but I'm unable to provide the help you need.",
    ),
    ("assistant-voice", CLIENT, "I'm sorry, but I can't address this request."),
    ("prompt-echo", COUNSELOR, "Offer one concrete, small thing that this client could try."),
    ("about-the-work", COUNSELOR, 'The counselor can say, "This is human."'),
    ("other-role", CLIENT, "Hello. How can I help you today?"),
    ("other-role", CLIENT, "As your counselor, I am here."),
    ("other-role", CLIENT, "Can you tell me more about how that makes you feel?"),
    ("other-role", CLIENT, "It sounds like you're carrying a lot. How did that start?"),
    (
        "other-role",
        CLIENT,
        "You have done so much for your family, and you're worn out. What would you do if you "
        "had your evenings to yourself?",
    ),
    ("other-role", COUNSELOR, "Thank you for listening to me, doctor."),
    ("other-role", COUNSELOR, "I told my therapist the same."),
    ("other-role", COUNSELOR, "I haven't told my parents, they are so proud."),
    (
        "other-role",
        COUNSELOR,
        "I don't know. I lie awake, I think of my boss, and my stomach hurts.",
    ),
    ("role-label", COUNSELOR, "Client: It began in May."),
    ("note", COUNSELOR, "Go on. (Note: kept short.)"),
    ("about-the-work", COUNSELOR, "This is what the client needs to hear."),
    ("about-the-work", COUNSELOR, "Solutions were chosen for this utterance, as you mentioned."),
    ("about-the-work", CLIENT, "I don't know what the counselor said."),
    ("about-the-work", CLIENT, "You are a counselor and you are in a counseling session."),
    ("other-role", COUNSELOR, "It's important for me to look at what goes on in my life."),
    ("own-name", CLIENT, "Thank you for that, Vera."),
    ("own-name", CLIENT, "Sure Vera. I'm glad that it goes well."),
    ("own-name", CLIENT, "I see what you mean. Thank you Vera, I will try."),
    ("near-duplicate", CLIENT, "I feel like I'm stuck in this job and there is no way out."),
    ("technique-name", COUNSELOR, "Let's do some Reality Testing."),
    ("too-long", CLIENT, " ".join(f"word{n}" for n in range(221))),
    (
        "repeated-sentence",
        CLIENT,
        "My sister called last night, out of the blue, and asked about the house. " + EARLIER[0],
    ),
    ("glued", CLIENT, "It is done.What now?"),
]

PASSING = [
    (COUNSELOR, "When the thought 'my boss will fire me' comes up, what do you do?"),
    (COUNSELOR, "Who says \u2018my marriage is doomed\u2019 in there?"),
    (CLIENT, "I work as an AI engineer in a small company."),
    (CLIENT, "I feel like I can't provide the support my kids need."),
    (CLIENT, "I can't continue this conversation, it hurts too much."),
    (CLIENT, "No..."),
    (CLIENT, "I feel like nobody listens."),
    (CLIENT, "You keep asking that. What do you think I should do?"),
    (CLIENT, "Can you tell me more about how this works?"),
    (CLIENT, "You don't know what it's like. You sit there with your notes."),
    (CLIENT, 'She said "it sounds like you\'re struggling" and hung up.'),
    (CLIENT, "I'm sorry, but I can't help it."),
    (CLIENT, "I'm sorry, but I can't do that."),
    (CLIENT, "I don't have the ability to trust anyone."),
    (CLIENT, "The counselor at my school said so too."),
    (CLIENT, "Yes."),
    (CLIENT, "7/10."),
    (CLIENT, "I guess my therapist back then meant well."),
    (CLIENT, "The pros and cons, normalization, I have read it all."),
    (COUNSELOR, "I hear you. I'm glad you came. I wonder what your mother would say."),
    (COUNSELOR, "Have you talked with a teacher, counselor, or friend?"),
    (COUNSELOR, 'What goes on when you tell yourself "I am a failure, I ruin my life, I"?'),
    (COUNSELOR, "I'm not able to provide a diagnosis, and I would not want to."),
    (COUNSELOR, "That took courage."),
]


@pytest.mark.parametrize(("name", "speaker", "text"), FAILING)
def test_a_check_fails(name: str, speaker: Speaker, text: str) -> None:
    instructions = PromptBook().own_words("client")
    assert name in check(text, speaker, EARLIER, client_name="Vera", instructions=instructions)


@pytest.mark.parametrize(("speaker", "text"), PASSING)
def test_ordinary_speech_passes(speaker: Speaker, text: str) -> None:
    assert check(text, speaker, EARLIER, instructions=PromptBook().own_words("client")) == ()


def test_a_copy_of_the_other_speaker_is_its_role() -> None:
    heard = ["It began last May, on a Tuesday."]
    failed = check("It began last May, on a Tuesday.", CLIENT, [], heard=heard)
    assert failed == ("other-role", "parroting")
    assert check("Take care.", CLIENT, [], heard=["Take care."]) == ()
    heard = ["It began last May, on a Tuesday. We were in the car."]
    said = "It began last May, on a Tuesday. What did you do?"
    assert check(said, COUNSELOR, [], heard=heard) == ("other-role",)
    quoted = 'You said, "It began last May, on a Tuesday." What did you do?'
    assert check(quoted, COUNSELOR, [], heard=heard) == ()


@pytest.mark.parametrize(
    ("speaker", "text", "failed"),
    [
        (
            CLIENT,
            "I look at the spreadsheet tomorrow, and careful people help.",
            ["parroting"],
        ),
        (CLIENT, "The spreadsheet can wait, my sister's wedding is on Saturday.", []),
        (CLIENT, "Careful, yes. Tomorrow.", []),
        (COUNSELOR, "You look at the spreadsheet tomorrow, and careful people help.", []),
    ],
)
def test_a_client_does_not_answer_in_the_counselors_words(
    speaker: Speaker, text: str, failed: list[str]
) -> None:
    heard = ["Be careful with people who help, and look at the spreadsheet again tomorrow."]
    assert list(check(text, speaker, [], heard=heard)) == failed
    assert check(text, speaker, [], heard=[*heard, "What happened on Sunday?"]) == ()


def test_a_client_does_not_say_a_whole_sentence_after_the_counselor() -> None:
    heard = ["Thank you for today. Let's think about what we found. You were brave."]
    assert check("Yes. Let's think about what we found.", CLIENT, [], heard=heard) == ("parroting",)
    assert check("Yes. Thank you for today.", CLIENT, [], heard=heard) == ()


def test_an_exact_repetition_is_found_however_short() -> None:
    assert check("Not really!", CLIENT, ["Not really."]) == ("near-duplicate",)


def test_every_check_that_asks_again_says_what_to_do() -> None:
    assert set(HINTS) >= RETRY
    assert {name for name, *_ in FAILING} | {"parroting"} == set(HINTS)
    assert set(HINTS) - RETRY == {"glued"}
    assert all(hint and "\n" not in hint for hint in HINTS.values())


def test_worse_texts_weigh_more() -> None:
    order = ["empty", "other-role", "near-duplicate", "repeated-sentence", "glued"]
    weights = [penalty([name]) for name in order]
    assert weights == sorted(weights, reverse=True)
    assert penalty([]) == 0
    assert penalty(["glued", "note"]) > penalty(["note"])
    assert penalty(["a-check-of-the-caller"]) > 0


@given(st.text(), st.sampled_from(Speaker), st.lists(st.text(), max_size=3))
def test_checks_take_any_text(text: str, speaker: Speaker, earlier: list[str]) -> None:
    failed = check(text, speaker, earlier, heard=earlier)
    assert set(failed) <= set(HINTS)
    assert [penalty([name]) for name in failed] == sorted(
        (penalty([name]) for name in failed), reverse=True
    )


@pytest.mark.slow
@pytest.mark.skipif(not PUBLISHED.exists(), reason="the published sessions are not at hand")
def test_published_sessions_are_repaired_and_kept() -> None:
    repaired: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    wordless = labelled = clients = 0
    with zipfile.ZipFile(PUBLISHED) as archive:
        for name in archive.namelist():
            said: dict[Speaker, list[str]] = {COUNSELOR: [], CLIENT: []}
            for turn in json.loads(archive.read(name))["dialogue"][2:]:
                speaker = Speaker(turn["role"])
                unlabelled = re.sub(r"^\W*(client|counselor):", "", turn["message"], flags=re.I)
                labelled += unlabelled != turn["message"]
                wordless += not words(unlabelled)
                clients += speaker is CLIENT
                cleaned = clean(turn["message"], speaker)
                repaired.update(cleaned.repairs)
                failed.update(
                    check(cleaned.text, speaker, said[speaker], heard=said[speaker.other])
                )
                said[speaker].append(cleaned.text)
    assert failed["empty"] == wordless > 0
    assert repaired["role-label"] >= labelled > 0
    # What nobody did in these sessions must not be seen in them.
    assert set(repaired) == {"role-label", "glued", "note", "technique-name"}
    # One client speaks of "the counselor's suggestion".
    assert failed.pop("about-the-work") == 1
    assert set(failed) == {"empty", "near-duplicate", "parroting", "repeated-sentence"}
    assert failed["parroting"] < 0.02 * clients


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ("Thank you for your response, Inês. I will try.", True),
        ("Hello Inês, how are you?", True),
        ("My mother says Inês, and nobody else does.", False),
        ("They call me Inês at home.", False),
    ],
)
def test_a_client_does_not_call_the_counselor_by_its_own_name(text: str, fails: bool) -> None:
    failed = check(text, Speaker.CLIENT, [], client_name="Inês")
    assert ("own-name" in failed) is fails
    assert "own-name" not in check(text, Speaker.COUNSELOR, [], client_name="Inês")


def test_a_name_that_is_a_word_too_is_told_by_its_capital() -> None:
    def calls(text: str) -> bool:
        return "own-name" in check(text, Speaker.CLIENT, [], client_name="Hope")

    assert calls("hi hope, it was a bad week.")
    assert calls("It was a bad week, Hope.")
    assert not calls("I try, hope, and then I give up.")
    assert not calls("No hope. Not any more.")


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ("Here is one small thing that Inês could try.", True),
        ("Inês is afraid of the next shift.", True),
        ("When the shift begins, how should Inês feel?", True),
        ("You did what you could Inês and that counts.", False),
        ("Thank you, Inês. That took courage.", False),
        ("Inês, could you tell me what came next?", False),
        ("Okay Inês can you tell me what came next?", False),
        ("Okay Inês would it help to write it down?", False),
    ],
)
def test_a_counselor_that_speaks_of_the_client_by_name_is_found(text: str, fails: bool) -> None:
    failed = check(text, Speaker.COUNSELOR, [], client_name="Inês")
    assert ("about-the-work" in failed) is fails


def test_a_client_speaks_of_itself_as_itself() -> None:
    def fails(text: str) -> bool:
        return "about-the-work" in check(text, Speaker.CLIENT, [], client_name="Jonas")

    assert fails("I think Jonas should feel scared and anxious.")
    assert not fails("They call me Jonas there, and nobody asks how I feel.")


def test_a_counselor_speaks_to_the_client_and_not_about_it() -> None:
    text = "Here is what the client needs to hear."
    assert "about-the-work" in check(text, Speaker.COUNSELOR, [])
    assert "about-the-work" not in check("My client left me at work.", Speaker.CLIENT, [])
