"""What the two speakers are called, and what shows that one of them speaks."""

import re

from magnet.state.languages.language import PersonWords, RoleWords
from magnet.state.utterance import Speaker

ROLES = RoleWords(
    speakers={
        Speaker.COUNSELOR: "counsell?or|therapist|psychologist",
        Speaker.CLIENT: "client|patient",
    },
    before="the |cbt ",
    after=r"(?:['\u2019]s)?(?: (?:response|utterance|reply|turn))?",
)

_COUNSELOR_ONLY = re.compile(
    r"\bhow (?:can|may) i (?:help|assist|support) you\b"
    r"|\bi(?:'m| am) here to (?:support|help|listen)\b"
    r"|\bas your (?:counsell?or|therapist|psychologist)\b"
    r"|\bhow (?:does|did|do) (?:that|this|it|those|these)(?: \w+)? make you feel\b"
    r"|\bwhat (?:comes up for you|goes through your mind)\b"
    r"|(?:^|[.?!]\s+)(?:can|could|would) you (?:tell me|share|describe|help me understand)\b[^?]*"
    r"\b(?:you(?:'re| are)?(?: \w+)? feel|makes you feel|your (?:feelings|emotions|anxiety"
    r"|depression|fears?|worries|struggles?|childhood|family))\b[^?]*\?"
    r"|(?:^|[.?!]\s+)it (?:sounds|seems) like you(?:'re| are|'ve been| have been)(?: \w+)? "
    r"(?:feeling|struggling|carrying|going through|dealing with|experiencing)\b"
    r"|\b(?:thank you for|thanks for|i appreciate you) (?:sharing|opening up|coming in)\b"
    r"|\bwhat i(?:'m| am) hearing (?:from you )?is\b"
    r"|\blet(?:'s| us) (?:explore|unpack|look at|work on|talk about) your\b"
    r"|\byou mentioned (?:feeling|that you(?:'re| are| feel))\b",
    re.I,
)
_CLIENT_ONLY = re.compile(
    r"\bmy (?:therapist|counsell?or|psychologist)\b"
    r"|\bas (?:a|your) (?:client|patient)\b"
    r"|\bmy (?:own )?(?:life|wife|husband|boss|marriage|boyfriend|girlfriend|fianc[e\u00e9]e?"
    r"|partner|mother|mom|mum|father|dad|parents|sister|brother|son|daughter|kids?|children|family"
    r"|problems?|depression|anxiety)\b"
    r"|\b(?:thank you|thanks)[^.?!]{0,40}\b(?:doctor|counsell?or)\b"
    r"|\b(?:thank you|thanks)(?: so much)? for (?:listening|(?:all )?your (?:help|advice|guidance))"
    r"|(?:^|[.?!]\s+)i(?:'ve| have) been (?:struggling|feeling|having (?:trouble|a hard time))\b"
    r"|,\s+counsell?or[.,?!](?! (?:or|and)\b)",
    re.I,
)

PERSONS = PersonWords(
    first=frozenset(["i", "i'm", "i've", "i'd", "i'll", "me", "my", "myself", "mine"]),
    second=frozenset(["you", "you're", "you've", "you'd", "you'll", "your", "yours", "yourself"]),
    only={Speaker.COUNSELOR: _COUNSELOR_ONLY, Speaker.CLIENT: _CLIENT_ONLY},
)
