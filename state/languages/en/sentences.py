"""Where sentences begin and end, and where one was glued to another: `done.What`."""

import re

from magnet.state.languages.language import SentenceMarks

_TITLES = "".join(rf"(?<!\b{title}\.)" for title in ("Dr", "Mr", "Mrs", "Ms", "St", "e.g", "i.e"))
_BETWEEN = re.compile(rf"(?:(?<=[.!?\u2026])|(?<=[.!?\u2026][\"\u201d')])){_TITLES}\s+|\n+")
_NO_END = re.compile(
    r"(?:\.\.\.|\u2026|\b(?:[ap]\.m|e\.g|i\.e|mr|mrs|ms|dr|prof|st|vs|\d+)\.)[\"'\u201d\u2019)]*$",
    re.I,
)
# Not `e.g.`, decimals, initials, addresses and an ellipsis (`just...I`).
_GLUED = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|(?P<stop>(?:(?<=[a-z]{2})|(?<=\bI))(?:\.|[?!]+)[\u201d)]?(?=[A-Z])"
    r"|(?<=[a-z])[?!]+(?=[a-z]))"
)

SENTENCES = SentenceMarks(between=_BETWEEN, no_end=_NO_END, glued=_GLUED)
