"""Token counts that cannot be believed count for nothing, and never for something false."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magnet.models.usage import readable_usage

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
names = st.sampled_from(["prompt_tokens", "completion_tokens", "prompt_tokens_details", "x"])


@given(anything | st.dictionaries(names, anything))
def test_whatever_is_sent_gives_whole_numbers_or_nothing(sent: Any) -> None:
    found = readable_usage(sent)
    if found is not None:
        cached = found["prompt_tokens_details"]["cached_tokens"]
        assert 0 <= cached <= found["prompt_tokens"] < 2**31
        assert found["prompt_tokens"] == sent["prompt_tokens"]
        assert found["completion_tokens"] == sent["completion_tokens"]


@pytest.mark.parametrize(
    ("cached", "kept"), [(4, 4), (0, 0), (None, 0), (-1, 0), ("4", 0), (9, 7), (4.0, 4)]
)
def test_cached_tokens_are_part_of_the_prompt(cached: object, kept: int) -> None:
    sent = {
        "prompt_tokens": 7,
        "completion_tokens": 2,
        "prompt_tokens_details": {"cached_tokens": cached},
    }
    found = readable_usage(sent)
    assert found is not None
    assert found["prompt_tokens_details"] == {"cached_tokens": kept}
    assert found["total_tokens"] == 9
