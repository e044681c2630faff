import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnet.nodes.cleaning import Cleaned, clean
from magnet.prompts import PromptBook
from magnet.state.text import words
from magnet.state.utterance import Speaker

COUNSELOR, CLIENT = Speaker.COUNSELOR, Speaker.CLIENT

REPAIRED = [
    # rule, speaker, what the model said, what is kept
    ("template-token", CLIENT, "I am tired.<|eot_id|>", "I am tired."),
    (
        "template-token",
        COUNSELOR,
        "<|start_header_id|>assistant<|end_header_id|>\n\nGo on.<|im_end|>\n<|im_start|>user\nNo",
        "Go on.",
    ),
    ("template-token", CLIENT, "<think>I play the client.</think>I am tired.", "I am tired."),
    ("template-token", CLIENT, "That helped. [/END]", "That helped."),
    ("preface", COUNSELOR, "Here is a possible response:\n\nGo on.", "Go on."),
    ("preface", COUNSELOR, "Sure, here's the counselor's next utterance: Go on.", "Go on."),
    ("preface", COUNSELOR, "Sure, I can help you with that. Go on.", "Go on."),
    ("preface", COUNSELOR, "As the counselor, I would say: Go on.", "Go on."),
    ("role-label", COUNSELOR, "**Counselor**: Go on.", "Go on."),
    ("role-label", COUNSELOR, "Therapist (softly): Go on.", "Go on."),
    ("role-label", CLIENT, "Client:", ""),
    ("role-label", CLIENT, "Laura: I am tired.", "I am tired."),
    (
        "second-speaker",
        COUNSELOR,
        "What happened?\nClient: I fell.\nCounselor: Oh.",
        "What happened?",
    ),
    ("second-speaker", COUNSELOR, "What happened? Client: I fell.", "What happened?"),
    ("second-speaker", COUNSELOR, "Client: I fell.\nCounselor: What happened?", "What happened?"),
    ("surrounding-quotes", CLIENT, '"I am tired."', "I am tired."),
    ("surrounding-quotes", CLIENT, "\u201cI am tired.\u201d", "I am tired."),
    ("note", COUNSELOR, "Go on. (Note: I merged two candidates.)", "Go on."),
    ("note", COUNSELOR, "Go on.\n\nThis response uses empathy to build trust.", "Go on."),
    ("stage-note", CLIENT, "(pauses) I don't know (sighs). Maybe.", "I don't know. Maybe."),
    ("stage-note", CLIENT, "*looks down at her hands* I don't know.", "I don't know."),
    ("stage-note", COUNSELOR, "Good. [smiling] And now?", "Good. And now?"),
    ("markdown", COUNSELOR, "That is **your** call.", "That is your call."),
    ("markdown", COUNSELOR, "Try this:\n1. Breathe\n2. Write.", "Try this: Breathe. Write."),
    ("markdown", COUNSELOR, "## Homework\n- Sleep\n- Walk", "Homework. Sleep. Walk."),
    ("glued", COUNSELOR, "That is done.What now?", "That is done. What now?"),
    ("whitespace", CLIENT, "I  am\n\ntired.", "I am tired."),
    ("dangling-mark", CLIENT, '"I am tired.', "I am tired."),
    ("dangling-mark", CLIENT, "I am tired.)", "I am tired."),
]

TECHNIQUES = [
    (
        "Using the Decatastrophizing technique, let's picture the worst.",
        "Let's picture the worst.",
    ),
    ("I'd like to use Reality Testing to look at it.", "I'd like to look at it."),
    ("Let's go on using evidence-based questioning.", "Let's go on."),
    ("That is hard. Normalization is a powerful tool. What helps?", "That is hard. What helps?"),
    ("Normalizing your experience, it's common to worry.", "It's common to worry."),
    ("Go on. (Psychoeducation)", "Go on."),
]

ORDINARY = [
    (CLIENT, "I rest (or at least I try to), and I'm *so* tired :)"),
    (CLIENT, "7. Maybe an 8."),
    (CLIENT, "Here's the thing: I can't sleep."),
    (CLIENT, 'He said "you always do this" and left.'),
    (CLIENT, "(looking back, I was wrong)"),
    (CLIENT, "It's just...I don't know."),
    (CLIENT, "My therapist taught me psychoeducation."),
    (CLIENT, "Sure, I'll try to write it down before bed."),
    (CLIENT, "Of course I can't do that. He would leave."),
    (CLIENT, "'Not good enough.' That is what I hear. 'Never good enough.'"),
    (COUNSELOR, "Of course, I will not push you. What would make it easier?"),
    (COUNSELOR, "That was stress. This response is your body trying to protect you. Go on."),
    (COUNSELOR, "It's interesting to note that you slept, e.g. for 7.5 hours in the U.S."),
    (COUNSELOR, "Tell yourself: I can do this."),
]


@pytest.mark.parametrize(("rule", "speaker", "said", "kept"), REPAIRED)
def test_a_rule_repairs(rule: str, speaker: Speaker, said: str, kept: str) -> None:
    cleaned = clean(said, speaker, names=["Laura"])
    assert cleaned.text == kept
    assert rule in cleaned.repairs


@pytest.mark.parametrize(("said", "kept"), TECHNIQUES)
def test_a_counselor_does_not_name_its_technique(said: str, kept: str) -> None:
    cleaned = clean(said, COUNSELOR)
    assert cleaned.text == kept
    assert cleaned.repairs == ("technique-name",)


def test_a_text_of_technique_names_alone_stays_for_the_check() -> None:
    text = "Decatastrophizing is what we do."
    assert clean(text, COUNSELOR).text == text


@pytest.mark.parametrize(("speaker", "text"), ORDINARY)
def test_ordinary_speech_survives(speaker: Speaker, text: str) -> None:
    cleaned = clean(text, speaker)
    assert (cleaned.text, cleaned.repairs) == (text, ())


def test_the_other_speakers_turn_alone_keeps_its_label_for_the_check() -> None:
    assert clean("Client: I fell.", COUNSELOR).text == "Client: I fell."


def test_an_answer_that_the_token_limit_cut_ends_with_its_last_whole_sentence() -> None:
    assert clean("I fell. It hurt? And then I", CLIENT, truncated=True).text == "I fell. It hurt?"
    assert clean("I fell. And then I", CLIENT).text == "I fell. And then I"
    assert clean("And then I", CLIENT, truncated=True).text == "And then I"


fragments = st.sampled_from(
    [said for _, _, said, _ in REPAIRED]
    + [said for said, _ in TECHNIQUES]
    + [text for _, text in ORDINARY]
    + ["(", ")", "[", "]", "*", "**", '"', "\u201c", "'", "Client:", "Counselor:", "Note:", "\n"]
    + ["<think>", "</think>", "</s>", "#", "- ", "1. ", ".", "?I", " ", "Reality Testing", "..."]
)
messy = st.lists(fragments | st.text(max_size=6), max_size=8).map("".join)


@given(messy, st.sampled_from(Speaker), st.booleans())
def test_cleaning_twice_changes_nothing(text: str, speaker: Speaker, truncated: bool) -> None:
    once = clean(text, speaker, names=["Laura"], truncated=truncated)
    twice = clean(once.text, speaker, names=["Laura"], truncated=truncated)
    assert (twice.text, twice.repairs) == (once.text, ())


@given(messy, st.sampled_from(Speaker))
def test_cleaning_says_nothing_that_was_not_said(text: str, speaker: Speaker) -> None:
    said = "".join(words(text)).replace("'", "").replace("-", "")
    kept = "".join(words(clean(text, speaker).text)).replace("'", "").replace("-", "")
    characters = iter(said)
    assert all(character in characters for character in kept)


def test_an_announced_and_explained_answer_is_reduced_to_itself() -> None:
    said = (
        "Certainly! Here's the chosen drafts as I would say them to the client: "
        '"You carry a lot. You are doing right by seeking help." '
        "This response encapsulates the key points of the drafts."
    )
    cleaned = clean(said, Speaker.COUNSELOR)
    assert cleaned.text == "You carry a lot. You are doing right by seeking help."
    assert {"preface", "note"} <= set(cleaned.repairs)


def test_what_was_said_before_is_left_out_where_something_else_remains() -> None:
    earlier = ["It is important to take care of yourself. Tell me more."]
    said = "It is important to take care of yourself. What did you do on Sunday?"
    cleaned = clean(said, Speaker.COUNSELOR, earlier=earlier)
    assert cleaned.text == "What did you do on Sunday?"
    assert cleaned.repairs == ("said-before",)
    assert clean(earlier[0], Speaker.COUNSELOR, earlier=earlier).text == "Tell me more."
    alone = "It is important to take care of yourself."
    assert clean(alone, Speaker.COUNSELOR, earlier=earlier).text == alone


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (
            "I lie awake for hours. It is the same every night. I lie awake for hours!",
            "I lie awake for hours. It is the same every night.",
        ),
        ("I lie awake for hours. " * 8, "I lie awake for hours."),
        (
            "What would you like to try? A small step will do. What would you like to try?",
            "A small step will do. What would you like to try?",
        ),
    ],
)
def test_a_sentence_is_said_once_in_a_text(text: str, left: str) -> None:
    assert clean(text, Speaker.CLIENT) == Cleaned(left, ("said-twice",))


@pytest.mark.parametrize(
    "text",
    [
        "I lie awake. I lie awake. I lie awake.",
        "You are thinking about ending it. I hear you. You are thinking about ending it?",
        "At work... I feel like I am nothing. At home... I feel like I am nothing.",
        "I asked Prof. Smith about the exam again. Later I wrote Prof. Smith about the exam again.",
        "I wake at 3 a.m. and I lie there all night. Or at 4 a.m. and I lie there all night.",
        'He said "No. You never do enough for us." She said "Yes. You never do enough for us."',
    ],
)
def test_what_only_looks_like_a_sentence_said_twice_stays(text: str) -> None:
    assert clean(text, Speaker.CLIENT) == Cleaned(text, ())


def test_a_sentence_that_repeats_the_instructions_is_left_out_where_something_else_remains() -> (
    None
):
    instructions = PromptBook().own_words("client")
    echo = "Let the client see that this reaction is human and shared by many people."
    cleaned = clean(f"You waited a long time. {echo}", COUNSELOR, instructions=instructions)
    assert cleaned.text == "You waited a long time."
    assert cleaned.repairs == ("prompt-echo",)
    assert clean(echo, COUNSELOR, instructions=instructions).text == echo


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Normalizing: Many people lie awake.", "Many people lie awake."),
        ("reflection (chosen): You miss her.", "You miss her."),
        (
            "You miss her. Psycho-education (The body gets ready first.",
            "You miss her. The body gets ready first.",
        ),
        ("Solutions come later.", "Solutions come later."),
    ],
)
def test_the_label_of_a_draft_is_dropped(text: str, left: str) -> None:
    assert clean(text, COUNSELOR).text == left
