"""A filter that refuses a prompt is known from a refusal of the request's form, or of the key."""

import pytest

from magnet.models.filtered import is_filtered

FILTERED = (
    "The response was filtered due to the prompt triggering Azure OpenAI's content management "
    "policy. Please modify your prompt and retry. 'code': 'content_filter'",
    "{'code': 'ResponsibleAIPolicyViolation'}",
    'openai/gpt-4o requires moderation on OpenAI. Your input was flagged for "self-harm".',
    "Content Exists Risk",
    "data_inspection_failed: Input data may contain inappropriate content.",
    "'type': 'invalid_prompt', 'message': 'violating our usage policy'",
    "Your request was rejected: content_policy_violation",
    "The prompt was blocked due to safety settings",
)
OTHERS = (
    "Country, region, or territory not supported",
    "Unsupported parameter: 'max_tokens'",
    "Invalid schema for response_format: 'maxLength' is not permitted.",
    "You have no access to this model",
    "Insufficient balance",
    "Unprocessable Entity",
)


@pytest.mark.parametrize("message", FILTERED)
def test_a_filter_is_known(message: str) -> None:
    assert is_filtered(message)


@pytest.mark.parametrize("message", OTHERS)
def test_nothing_else_is_one(message: str) -> None:
    assert not is_filtered(message)
