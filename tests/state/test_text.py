import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnet.state.languages import load_language
from magnet.state.role_labels import role_label
from magnet.state.technique import CbtTechnique
from magnet.state.text import (
    countable_sentences,
    ends_with_question,
    is_glued,
    near_duplicate,
    normalized,
    opening,
    sentences,
    trigram_jaccard,
    unglue,
    word_trigrams,
    words,
)

ROLE_LABEL = role_label()
NOTE, CLOSING_CUE = load_language().speech.note, load_language().speech.closing_cue
TECHNIQUE_NAME = load_language().techniques.name


def test_words_are_lower_case_and_keep_apostrophes_and_hyphens() -> None:
    assert words("I DON\u2019T know \u2014 it's self-doubt, at 3!") == [
        "i",
        "don't",
        "know",
        "it's",
        "self-doubt",
        "at",
        "3",
    ]


@pytest.mark.parametrize(
    ("text", "trigrams"),
    [
        ("", set()),
        ("...", set()),
        ("Yes.", {("yes",)}),
        ("Not really.", {("not", "really")}),
        ("I guess so", {("i", "guess", "so")}),
        ("I guess so too", {("i", "guess", "so"), ("guess", "so", "too")}),
    ],
)
def test_a_short_text_is_one_run(text: str, trigrams: set[tuple[str, ...]]) -> None:
    assert word_trigrams(text) == trigrams


def test_jaccard_of_known_texts() -> None:
    # Runs: {abc, bcd} and {abc, bce}: one of three is shared.
    assert trigram_jaccard("a b c d", "a b c e") == pytest.approx(1 / 3)
    assert trigram_jaccard("Yes.", "yes!") == 1
    assert trigram_jaccard("Yes.", "Yes, a little.") == 0
    assert trigram_jaccard("", "") == 0


def test_near_duplicate_begins_at_one_half() -> None:
    assert near_duplicate("a b c d", "a b c")
    assert not near_duplicate("a b c d e", "a b c")


@given(st.text(), st.text())
def test_jaccard_is_symmetric_and_a_share(a: str, b: str) -> None:
    assert trigram_jaccard(a, b) == trigram_jaccard(b, a)
    assert 0 <= trigram_jaccard(a, b) <= 1


@given(st.text())
def test_a_text_with_words_is_its_own_duplicate(text: str) -> None:
    assert near_duplicate(text, text) == bool(words(text))


@given(st.text())
def test_normalizing_twice_changes_nothing(text: str) -> None:
    assert normalized(normalized(text)) == normalized(text)


def test_sentences_end_at_marks_and_lines_but_not_at_titles() -> None:
    text = 'I saw Dr. Hall today. He said "Rest." Why? I paid 3.50\nThat is e.g. a lot...'
    assert sentences(text) == [
        "I saw Dr. Hall today.",
        'He said "Rest."',
        "Why?",
        "I paid 3.50",
        "That is e.g. a lot...",
    ]


@given(st.text())
def test_sentences_lose_no_word(text: str) -> None:
    assert [w for s in sentences(text) for w in words(s)] == words(text)


def test_short_sentences_are_not_countable() -> None:
    assert countable_sentences("I don't know. I said it, all of it!") == ["i said it all of it"]


def test_opening_gives_what_there_is() -> None:
    assert opening("It sounds like you're tired.") == "it sounds like"
    assert opening("Yes.") == "yes"
    assert opening("One two three", 2) == "one two"


@pytest.mark.parametrize(
    ("text", "asks"),
    [("Why?", True), ('You asked "why?"', True), ("Why? I see.", False), ("", False)],
)
def test_question_at_the_end(text: str, asks: bool) -> None:
    assert ends_with_question(text) is asks


@pytest.mark.parametrize(
    ("glued", "parted"),
    [
        ("It is done.What now?", "It is done. What now?"),
        ("And today?I see", "And today? I see"),
        ("Stop!please", "Stop! please"),
        ("So do I.What now?", "So do I. What now?"),
    ],
)
def test_glued_sentences_are_parted(glued: str, parted: str) -> None:
    assert is_glued(glued)
    assert unglue(glued) == parted
    assert not is_glued(parted)


@pytest.mark.parametrize(
    "text",
    [
        "e.g.this",
        "3.5 hours",
        "the U.S.A. today",
        "a Ph.D. thesis",
        "it's just...I don't know",
        "see https://example.org/page.Html",
        "www.Example.Com",
    ],
)
def test_what_only_looks_glued_stays(text: str) -> None:
    assert not is_glued(text)
    assert unglue(text) == text


@pytest.mark.parametrize("technique", CbtTechnique)
def test_each_technique_is_found_by_name(technique: CbtTechnique) -> None:
    assert TECHNIQUE_NAME.search(f"We could try {technique} now.")


@pytest.mark.parametrize(
    "text",
    [
        "It is not a reflection of your worth.",
        "What would be an alternative perspective on this?",
        "Let's weigh the pros and cons of moving.",
        "I want to normalize that feeling.",
        "You seem to be catastrophizing a little.",
        "You are good at problem-solving.",
    ],
)
def test_ordinary_speech_names_no_technique(text: str) -> None:
    assert not TECHNIQUE_NAME.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "Client: I see.",
        "**Therapist**: Go on.",
        "Well.\nCounselor (warmly): Go on.",
        "Is it? Client: Yes.",
        "[Assistant]: Go on.",
    ],
)
def test_role_labels_are_found(text: str) -> None:
    assert ROLE_LABEL.search(text)


@pytest.mark.parametrize(
    "text",
    ["My client: a bank, of all things.", "I told the counselor: no.", "Here it is: I am tired."],
)
def test_speech_with_a_colon_is_no_role_label(text: str) -> None:
    assert not ROLE_LABEL.search(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("I hear you. (Note: this combines two candidates.)", True),
        ("I hear you.\nNote: short on purpose.", True),
        ("It's interesting to note that you slept.", False),
        ("I left him a note (on the fridge).", False),
        ("He wrote again (and my reply was awful) and I cried.", False),
        ("Go on.\nThis response is empathetic and short.", True),
        ("Your heart raced. This response is your body trying to protect you.", False),
        ("Stress comes in waves. The response shows up as a tight chest.", False),
        ("Please note: the office closes at five.", False),
    ],
)
def test_notes_to_the_reader(text: str, found: bool) -> None:
    assert bool(NOTE.search(text)) is found


@pytest.mark.parametrize(
    ("text", "closes"),
    [
        ("Take care, and see you next week.", True),
        ("We can pick this up in our next session.", True),
        ("Thank you for today.", True),
        ("I forget to take care of myself.", False),
        ("It isn't the end of the world.", False),
        ("I see you have tried.", False),
        ("I'll see you on Thursday.", True),
        ("Let's stop here for today.", True),
        ("How do your colleagues see you at work?", False),
        ("Before the next meeting with your boss, write down a sentence.", False),
        ("The worry doesn't stop there.", False),
        ("He never said thank you for everything I did.", False),
    ],
)
def test_closing_cues(text: str, closes: bool) -> None:
    assert bool(CLOSING_CUE.search(text)) is closes
