"""The agents' prompts: packaged texts with a version hash, and the book that makes messages."""

from prompts.book import OWN_WORDS, Layout, PromptBook
from prompts.sight import Sight
from prompts.texts import PromptError, PromptText, load_prompts

__all__ = [
    "OWN_WORDS",
    "Layout",
    "PromptBook",
    "PromptError",
    "PromptText",
    "Sight",
    "load_prompts",
]
