"""The agents' prompts: packaged texts with a version hash, and the book that makes messages."""

from magnet.prompts.book import OWN_WORDS, Layout, PromptBook
from magnet.prompts.fields import CONSTANTS, Sight, render_dialogue
from magnet.prompts.texts import PromptError, PromptText, load_prompts

__all__ = [
    "CONSTANTS",
    "OWN_WORDS",
    "Layout",
    "PromptBook",
    "PromptError",
    "PromptText",
    "Sight",
    "load_prompts",
    "render_dialogue",
]
