"""Thinking, fences and sentences around an answer are no part of it."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnet.state.answer_text import json_in, with_reasoning, without_reasoning

OBJECT = '{"reason": "a {brace} and a \\"quote\\"", "techniques": ["reflection"], "n": {"a": 1}}'


@pytest.mark.parametrize(
    "text",
    [
        OBJECT,
        f"  \n{OBJECT}\n",
        f"```json\n{OBJECT}\n```",
        f"```\n{OBJECT}```",
        f"Here is the JSON that you asked for:\n\n{OBJECT}",
        f"{OBJECT}\n\nI hope that this helps {{really}}.",
        f"<think>Shall I reflect? {{'no': json}} or {{\"x\": 1}}</think>{OBJECT}",
        f"<think>\nHm.\n</think>\n\n```json\n{OBJECT}\n```",
        f"The chat template opened the tag.</think>{OBJECT}",
        f"<THINKING>Hm.</THINKING>Sure: {OBJECT}",
        f"A set {{a, b}} is not JSON, and this is: {OBJECT}",
        with_reasoning('{"reason": "of the thinking"}', OBJECT),
    ],
)
def test_the_object_is_found_whatever_stands_around_it(text: str) -> None:
    assert json_in(text) == OBJECT


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("I hear you.", "I hear you."),
        ("  I hear you. ", "  I hear you. "),
        ("<think>Hm.</think>I hear you.", "I hear you."),
        ("<think>\nHm.\n</think>\n\nI hear you.", "I hear you."),
        ("Hm.</think>I hear you.", "I hear you."),
        ("<think>One.</think><think>Two.</think>I hear you.", "I hear you."),
        ("<think>Cut off in its thin", ""),
        ("<think>One.</think><think>Cut off", ""),
        ("<think></think>", ""),
        ("", ""),
        ("I think <that> is so.", "I think <that> is so."),
        ("It makes me <think> twice.", "It makes me <think> twice."),
        ("...", "..."),
    ],
)
def test_thinking_is_left_out(text: str, spoken: str) -> None:
    assert without_reasoning(text) == spoken


TAGGED = '{"utterance": "You write <think> and </think> a lot.", "more": {"a": ["</think>"]}}'


@pytest.mark.parametrize("before", ["", "<think>Hm. {</think>", "Hm.</think>\n"])
def test_what_looks_like_a_tag_in_a_string_is_text(before: str) -> None:
    assert without_reasoning(before + TAGGED) == TAGGED
    assert json_in(before + TAGGED) == TAGGED
    assert json_in(f"{before}```json\n{TAGGED}\n```") == TAGGED


@given(
    st.dictionaries(st.text(max_size=5), st.text(max_size=20) | st.integers(), min_size=1),
    st.text(alphabet=st.characters(exclude_characters="{}<>"), max_size=30),
)
def test_an_object_comes_back_from_any_words_around_it(value: dict[str, Any], words: str) -> None:
    assert json.loads(json_in(f"{words}{json.dumps(value)}{words}")) == value


@given(st.text(alphabet='{}[]":,a1 \n<think>/', max_size=300))
def test_whatever_is_answered_is_read_without_an_error(text: str) -> None:
    json_in(text)


@pytest.mark.parametrize("piece", ["{", '{"a":', "[{", "<think>", "</think>", '{"a":1}', "{ "])
def test_a_long_answer_takes_no_longer_than_its_length(piece: str) -> None:
    def seconds(text: str) -> float:
        started = time.perf_counter()
        json_in(text)
        return time.perf_counter() - started

    short, long = piece * (20_000 // len(piece)), piece * (200_000 // len(piece))
    assert min(seconds(long) for _ in range(3)) < 40 * min(seconds(short) for _ in range(3)) + 0.2
