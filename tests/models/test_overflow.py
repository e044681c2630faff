"""However a server says that a prompt is too long, it is understood; nothing else is."""

import pytest

from magnet.models.overflow import is_overflow

OVERFLOWS = (
    "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens.",
    "prompt is too long: 210000 tokens > 200000 maximum",
    "The input (9012 tokens) is longer than the model's context length (8192 tokens).",
    "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 and 512",
    "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
    "request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it",
    "the request exceeds the available context size. try increasing the context size",
    "Please reduce the length of the messages or completion.",
    "max_tokens must be at least 1, got -120",
    "Prompt contains 40000 tokens, too large for model with 32768 maximum context length",
    "Requested token count exceeds the model's maximum context length of 4096 tokens.",
    "This endpoint's maximum context length is 131072 tokens. However, you requested about 140000.",
    "The prompt (length 9000) exceeds max_model_len 8192",
    "too many tokens: size limit exceeded by 812 tokens",
    "Trying to keep the first 9000 tokens when context the overflows. Context size limit reached",
    "Input is too long for requested model.",
    "context_length_exceeded",
    "The conversation is too long for this model",
    "Your input exceeds the context window of this model.",
    "Token limit exceeded",
    "max_tokens is too large: 4096. This model's maximum context length is 4096 tokens",
)

OTHERS = (
    "Rate limit reached: 30000 tokens per minute",
    "Invalid value for 'max_tokens': integer above maximum value",
    "max_tokens is too large: 100000. This model supports at most 16384 completion tokens",
    "'max_completion_tokens' exceeds the maximum of 4096",
    "The model `gpt-x` does not exist",
    "Conversation roles must alternate user/assistant",
    "Invalid schema for response_format: 'maxLength' is not permitted",
    "Your account has too many requests under way",
    "The server is overloaded",
)


@pytest.mark.parametrize("message", OVERFLOWS)
def test_it_is_understood(message: str) -> None:
    assert is_overflow(400, message)


@pytest.mark.parametrize("message", OTHERS)
def test_other_refusals_are_no_overflow(message: str) -> None:
    assert not is_overflow(400, message)


def test_a_request_that_is_too_large_is_one_whatever_is_said() -> None:
    assert is_overflow(413, "Payload")
