"""The agents' prompts: packaged texts with a version hash, and the book that makes messages."""

from prompts.book import Layout, PromptBook
from prompts.sight import Sight
from prompts.texts import PromptError, PromptText, load_prompts

__all__ = ["Layout", "PromptBook", "PromptError", "PromptText", "Sight", "load_prompts"]
