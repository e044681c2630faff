"""Recognizing that an endpoint's filter refused one prompt: no matter of its form, nor of the key.

The words are those of Azure, OpenAI, OpenRouter, DeepSeek, Alibaba, Zhipu and Google.
"""

import re

_SAID = re.compile(
    "|".join(
        (
            r"content[_ -]?filter|content management policy|responsible ?ai ?policy",
            r"content[_ ]policy|usage policy|moderation|(?:input|prompt|content) was flagged",
            r"content exists risk|data_inspection_failed|inappropriate content",
            r"blocked (?:by|due to|for) (?:\w+ )?(?:safety|policy|prohibited)",
        )
    ),
    re.I,
)


def is_filtered(message: str) -> bool:
    """Return whether a refusal says that what the prompt tells of is not allowed."""
    return _SAID.search(message) is not None
