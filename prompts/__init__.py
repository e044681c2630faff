"""The agents' prompts: packaged texts with a version hash, and the book that makes messages."""

from typing import TYPE_CHECKING

from magnet.state.lazy import lazily

if TYPE_CHECKING:
    from magnet.prompts.book import OWN_WORDS, PromptBook
    from magnet.prompts.fields import CONSTANTS, PromptField, render_dialogue
    from magnet.prompts.layout import Layout
    from magnet.prompts.texts import PromptError, PromptText, load_prompts
else:
    __getattr__ = lazily(
        __name__,
        {
            "book": ["OWN_WORDS", "PromptBook"],
            "fields": ["CONSTANTS", "PromptField", "render_dialogue"],
            "layout": ["Layout"],
            "texts": ["PromptError", "PromptText", "load_prompts"],
        },
    )

__all__ = [
    "CONSTANTS",
    "OWN_WORDS",
    "Layout",
    "PromptBook",
    "PromptError",
    "PromptField",
    "PromptText",
    "load_prompts",
    "render_dialogue",
]
