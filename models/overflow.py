"""Recognizing that a prompt does not fit into a model's context, as servers say it.

The words are those of OpenAI, Azure, Anthropic, Google, Mistral, Groq, Together, OpenRouter, vLLM,
SGLang, TGI, TensorRT-LLM, llama.cpp, Ollama and LM Studio.
"""

import re

TOO_LARGE = 413
"""Status "content too large", with whatever text."""

# Not `max_tokens`: a limit of answers that the model does not reach is no matter of the prompt.
_TOKENS = r"(?<![a-z_])(?:tokens?|context|prompt|input|inputs|messages?|sequence|conversation)"
_SAID = re.compile(
    "|".join(
        (
            r"context_length_exceeded|exceed_context_size|context_window_exceeded|string_above_max",
            r"maximum (?:context|model|prompt|input|sequence) (?:length|size)",
            r"max(?:imum)?[_ ](?:model|seq|context|position)\w*[_ ](?:len|length|embeddings)",
            rf"{_TOKENS}[^.]{{0,60}} (?:is|are|was) (?:too|way too) (?:long|large|big|many)",
            r"too many (?:input |prompt )?tokens",
            rf"(?:longer|larger|greater|more) than the (?:model's |maximum |available )?"
            rf"(?:allowed )?{_TOKENS}",
            r"exceed(?:s|ed|ing)? (?:the |its |this )?"
            r"(?:(?:model's|available|maximum|max|allowed) )*"
            rf"(?:number of |length of |limit of )?{_TOKENS}",
            rf"{_TOKENS}[^.]{{0,80}} exceeds? (?:the )?(?:limit|maximum|max|model)",
            r"`?inputs`? tokens \+ `?max_new_tokens`? must be",
            r"(?:context|token) (?:window|size|limit)[^.]{0,40} (?:exceeded|reached|overflow)",
            r"exceeds? (?:the )?(?:available )?(?:context|token) (?:window|size|limit)",
            r"reduce (?:the length of )?(?:the |your )?(?:messages|prompt|input)",
            r"max_tokens must be at least 1, got",
        )
    ),
    re.I,
)


def is_overflow(status: int, message: str) -> bool:
    """Return whether a refusal says that the prompt is too long for the model."""
    return status == TOO_LARGE or _SAID.search(message) is not None
