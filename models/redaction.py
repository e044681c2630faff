"""Keys are shown nowhere: an endpoint's error may repeat the key that it was sent."""

import os
import re

_NAMES_A_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSWORD|CREDENTIAL", re.I)
_SHORTEST = 6
_in_use: set[str] = set()


def keep_secret(value: str) -> None:
    """Have a key redacted from now on, whatever the variable is called that it was read from."""
    if len(value.strip()) >= _SHORTEST:
        _in_use.add(value.strip())


def redact(text: str) -> str:
    """Put dots for every key in use, and for variables that are named like a secret."""
    named = (
        value.strip()
        for name, value in os.environ.items()
        if len(value.strip()) >= _SHORTEST and _NAMES_A_SECRET.search(name)
    )
    # The longest first: one key may begin as another does.
    for secret in sorted({*named, *_in_use}, key=len, reverse=True):
        text = text.replace(secret, "...")
    return text
