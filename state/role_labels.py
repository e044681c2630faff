"""Role labels: `Client:`, `**Counselor**:`, `[Therapist]:`, one definition for repairing and
checking and measuring.
"""

import re
from functools import cache

from magnet.state.languages import ENGLISH, load_language

CHAT_MODEL, CHAT_USER = "assistant", "user|human"
"""What chat templates call the model, and whoever talks to it, in whatever language."""


def label_pattern(role_words: str, language: str = ENGLISH) -> str:
    """Return the source of a pattern for a role label.

    `role_words` is an alternation; the pattern also takes what may stand around the word.
    """
    roles = load_language(language).roles
    return (
        rf"[\s*_#\[\"\u201c>-]{{0,6}}(?:{roles.before})?(?:{role_words}){roles.after}"
        r"[\s*_\]]{0,3}(?:\([^()\n]{0,40}\))?[\s*_]{0,3}:[\s*_]{0,6}"
    )


def turn_pattern(role_words: str, language: str = ENGLISH) -> str:
    """Return the source of a pattern for a label where a turn can begin: a line or a sentence."""
    label = label_pattern(role_words, language)
    return rf"(?:^|(?<=\n)|(?<=[.?!\u2026\"\u201d)*]\s)){label}"


@cache
def role_label(language: str = ENGLISH) -> re.Pattern[str]:
    """Return the pattern of any role label at the start of a line or a sentence."""
    words = [*load_language(language).roles.speakers.values(), CHAT_MODEL, CHAT_USER]
    return re.compile(turn_pattern("|".join(words), language), re.I)
