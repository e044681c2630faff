import pytest

from magnet.evals.quality import measure_quality, measure_values
from magnet.evals.quality.content_words import content_words
from magnet.evals.quality.vocabulary import moving_average_ttr
from magnet.state.utterance import Speaker
from tests.evals.spoken import spoken


def test_content_words_are_stems_without_function_words() -> None:
    assert content_words("I don't worry about the 12 worries; he's WORRYING.") == {"worri"}
    assert content_words("Well, yes, it is what it is.") == frozenset()


def test_readability_is_the_coleman_liau_index() -> None:
    text = "Bread burns quickly. Ovens stay hot."
    letters, words, sentences = 29, 6, 2
    expected = 0.0588 * 100 * letters / words - 0.296 * 100 * sentences / words - 15.8
    assert measure_values([spoken(text)])["counselor_grade"] == pytest.approx(expected)


def test_readability_of_several_utterances_is_that_of_their_text_together() -> None:
    together = measure_values([spoken("Bread burns. Ovens stay hot.")])
    apart = measure_values([spoken("Bread burns."), spoken("Ovens stay hot.")])
    assert apart["counselor_grade"] == pytest.approx(together["counselor_grade"])


def test_moving_average_ttr() -> None:
    # Windows of three: "a b a", "b a c": 2 and 3 different words.
    assert moving_average_ttr(["a", "b", "a", "c"], window=3) == pytest.approx((2 + 3) / (3 * 2))
    assert moving_average_ttr(["a"] * 10, window=5) == 1 / 5
    assert moving_average_ttr(["a"], window=2) is None


def test_variety_is_measured_from_a_hundred_words_on() -> None:
    hundred = [f"word{place}" for place in range(100)]
    assert measure_values([spoken(" ".join(hundred))])["counselor_variety"] == 1
    assert "counselor_variety" not in measure_values([spoken(" ".join(hundred[:99]))])


def test_new_words_are_those_that_the_speaker_has_not_said() -> None:
    # The opening is the speaker's own too: "bread" is known.
    session = spoken("Tell me.", "Bread, me, tell!", "Go on.", "Bread, go!")
    result = measure_quality([session]).measures["client_new_words"]
    assert {at: m.value for at, m in result.by_exchange.items()} == {1: 2 / 3, 2: 1 / 2}


def test_words_from_the_other_are_counted_once_and_by_who_said_them_first() -> None:
    session = spoken(
        "Fear and shame and bread?",
        "Fear, anger, bread.",  # fear from the counselor, anger its own, bread of the opening
        "Anger and shame.",
        "Fear and shame and anger.",  # shame from the counselor
    )
    result = measure_quality([session]).measures["client_words_from_counselor"]
    assert {at: m.value for at, m in result.by_exchange.items()} == {1: 1 / 2, 2: 1}
    assert result.overall is not None
    assert result.overall.value == 2 / 3
    # The counselor: bread from the client's opening, fear and shame its own, then anger.
    assert result.by_role[Speaker.COUNSELOR].value == 2 / 4
