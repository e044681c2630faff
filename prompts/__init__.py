"""The agents' prompts: packaged texts with a version hash, and the book that makes messages."""

from magnet.prompts.book import OWN_WORDS, Layout, PromptBook
from magnet.prompts.fields import DIRECTED, Sight
from magnet.prompts.texts import PromptError, PromptText, load_prompts

__all__ = [
    "DIRECTED",
    "OWN_WORDS",
    "Layout",
    "PromptBook",
    "PromptError",
    "PromptText",
    "Sight",
    "load_prompts",
]
