"""What a plan should not be, as patterns: one definition for checking and for measuring."""

import re

FINISHED = re.compile(r"[.!?\u2026)\"'\u201d\u2019]\s*$")
"""Closing punctuation at the end; a text without it was cut off by the token limit."""

SEVERAL_SESSIONS = re.compile(r"\b(?:session|week)s?\s+(?:two|three|four|five|[2-9])\b", re.I)
"""A second or later session or week: a plan is for one session."""
