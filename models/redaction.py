"""Keys are shown nowhere: an endpoint's error may repeat the key that it was sent."""

import os
import re

_NAMES_A_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.I)
_SHORTEST = 6


def redact(text: str) -> str:
    """Put dots for the value of every environment variable that is named like a secret."""
    for name, value in os.environ.items():
        value = value.strip()
        if len(value) >= _SHORTEST and _NAMES_A_SECRET.search(name):
            text = text.replace(value, "...")
    return text
