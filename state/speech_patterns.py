"""What does not belong in speech, as patterns: one definition for repairing, checking, measuring.

Source of the cases: the sessions published with MAGneT (arXiv 2509.04183).
"""

import re

from magnet.state.technique import CbtTechnique
from magnet.state.utterance import Speaker

ROLE_WORDS = {
    Speaker.COUNSELOR: "counsell?or|therapist|psychologist",
    Speaker.CLIENT: "client|patient",
}
CHAT_WORDS = "assistant|user|human"


def label_pattern(role_words: str) -> str:
    """Give the source of a pattern for a role label: `Client:`, `**Counselor**:`, `[Therapist]:`.

    `role_words` is an alternation; the pattern also takes what may stand around the word.
    """
    return (
        rf"[\s*_#\[\"\u201c>-]{{0,6}}(?:the |cbt )?(?:{role_words})(?:['\u2019]s)?"
        r"(?: (?:response|utterance|reply|turn))?"
        r"[\s*_\]]{0,3}(?:\([^()\n]{0,40}\))?[\s*_]{0,3}:[\s*_]{0,6}"
    )


def turn_pattern(role_words: str) -> str:
    """Give the source of a pattern for a label where a turn can begin: a line or a sentence."""
    return rf"(?:^|(?<=\n)|(?<=[.?!\u2026\"\u201d)*]\s)){label_pattern(role_words)}"


ROLE_LABEL = re.compile(turn_pattern("|".join([*ROLE_WORDS.values(), CHAT_WORDS])), re.I)
"""A role label at the start of a line or a sentence."""

NOTE = re.compile(
    r"[(\[*]+\s*note\s*(?::|that this)[^()\[\]\n]*[)\]*]*"
    r"|(?:^|(?<=\n)|(?<=[.?!\"\u201d)]\s))Note:[^\n]*"
    r"|\([^()]*\b(?:(?:this|the) (?:response|utterance|reply)|my (?:response|utterance))\b[^()]*\)"
    r"|(?:^|(?<=\n)|(?<=[.?!\"\u201d)]\s))(?:this|the) (?:response|utterance|reply) "
    r"(?:use|reflect|combine|incorporate|acknowledge|aim|demonstrate|integrate|show|validate)s?\b"
    r"(?! up)[^\n]*"
    # A body has responses too: "This response is your body trying to protect you."
    r"|(?:^|(?<=\n)|(?<=[.?!\"\u201d)]\s))this (?:response|utterance|reply) "
    r"(?!(?:is (?:your|the|a|how|what|not|normal|natural|common)|was|has|makes|feels|helps you"
    r"|keeps|comes|goes|gets|happens|starts|shows up|protects|prepares)\b)\w+s\b[^\n]*",
    re.I,
)
"""A remark about the text, to whoever reads it; up to its bracket or the end of its line."""

_URL_OR_STOP = re.compile(
    r"(?:https?://|www\.)\S+"
    r"|(?P<stop>(?:(?<=[a-z]{2})|(?<=\bI))(?:\.|[?!]+)[\u201d)]?(?=[A-Z])"
    r"|(?<=[a-z])[?!]+(?=[a-z]))"
)


def is_glued(text: str) -> bool:
    """Say whether a sentence begins right behind another: `done.What`.

    `e.g.`, decimals, initials, addresses and an ellipsis (`just...I`) do not count.
    """
    return any(match["stop"] for match in _URL_OR_STOP.finditer(text))


def unglue(text: str) -> str:
    """Put a space between glued sentences."""
    return _URL_OR_STOP.sub(lambda m: f"{m['stop']} " if m["stop"] else m[0], text)


# These words are also what a counselor says without naming anything, so only capitals tell.
_ORDINARY = {CbtTechnique.ALTERNATIVE_PERSPECTIVE}
_KIND = r"(?:technique|exercise|method|approach|strategy|skill)(?:s|es)?"


def _flexible(name: str) -> str:
    return re.sub(r"[ -]", r"[ -]", name)


TECHNIQUE_SOURCE = "|".join(
    [
        *(f"(?i:{_flexible(name)})" for name in CbtTechnique if name not in _ORDINARY),
        *(f"{_flexible(name)}|(?i:{_flexible(name)} technique)" for name in sorted(_ORDINARY)),
        r"(?i:behaviou?ral experiments?)",
        r"(?i:decatastrophi[sz]\w*)",
        r"(?i:psycho-?education(?:al)?)",
        r"(?i:normali[sz]ation)",
        r"(?i:providing solutions|solution provision)",
        rf"(?i:(?:reflection|reflective listening|questioning|solutions?|normali[sz]ing) {_KIND})",
        # As a sentence's subject ("Normalizing your experience can ...") it names what is done.
        r"Normali[sz]ing (?=the|this|that|these|your|it\b)",
    ]
)
TECHNIQUE_NAME = re.compile(rf"\b(?:{TECHNIQUE_SOURCE})")
"""The name of one of the twelve CBT techniques, or of what a specialist does."""

TECHNIQUE_PHRASE = (
    r"(?:(?i:the|a|an|some|our|your) )?[\"\u201c*']*(?:(?i:technique of) )?"
    rf"(?:{TECHNIQUE_SOURCE})[\"\u201d*']*(?: (?i:{_KIND}))?"
)
"""Source of a pattern for a technique's name with its article and noun."""


def about_in_third_person(name: str) -> re.Pattern[str]:
    """Give a pattern for a person spoken of by name: "Vera is anxious", "how should Vera feel"."""
    auxiliary = "is|was|has|had|can|could|may|might|should|will|would"
    name = re.escape(name)
    # Not "Vera can you tell me more" or "Vera would it help": that is said to Vera.
    return re.compile(
        rf"\b{name} (?:{auxiliary}|feels|felt|seems|thinks|needs|wants)\b"
        r"(?! (?:you|we|i|it|there)\b)"
        rf"|\b(?:{auxiliary}|does|did) {name} (?!(?:and|but|or|so)\b)[a-z]"
    )


ABOUT_THE_WORK = re.compile(
    r"\bthe client(?:'s|\u2019s)?\b|\bdrafts?\b|\butterances?\b"
    r"|\bthe counsell?or (?:can|could|may|might|should|will|would|says?|asks?|then)\b",
    re.I,
)
"""A counselor's words about its task: whoever is spoken to is no "client" to their face."""

ABOUT_THE_COUNSELOR = re.compile(
    r"\bthe counsell?or\b(?! (?:at|from|in|on|of|who|that|there|i|we|he|she|they)\b)"
    r"|\byou(?: are|['\u2019]re) in an? (?:counsell?ing|therapy) session\b",
    re.I,
)
"""A client's words about the counselor that it talks to, or about the talk as a play; not about
another counselor ("at my school")."""

_MODEL = (
    r"(?:ai\b(?! (?:engineer|researcher|developer|scientist|specialist|consultant|trainer)s?\b)"
    r"|artificial intelligence|(?:large )?language model|virtual assistant|chat ?bot)"
)
_UNABLE = r"(?:cannot|can['\u2019]t|am (?:unable|not able) to|['\u2019]m (?:unable|not able) to)"
# A client cannot "help it" and has no ability "to trust": only what is refused to a user counts.
ASSISTANT_VOICE = re.compile(
    rf"\bas an? {_MODEL}"
    rf"|\bi(?:['\u2019]m| am) (?:just |only )?an? {_MODEL}"
    r"|\bi (?:do not|don['\u2019]t) have the (?:ability|capability|capacity) to "
    r"(?:answer|assist|help|provide|engage|respond|process|access)\b"
    rf"|\bi ?{_UNABLE} \w+(?: \w+)? (?:this|that|the|your) (?:request|role-?play|prompt)\b"
    rf"|\bi ?{_UNABLE} (?:engage in|assist with|provide) "
    r"(?:(?:this|that|your) (?:conversation|help|support|assistance)\b|the \w+ (?:that )?you\b)"
    rf"|\bi(?:['\u2019]m| am)(?: really| very| so)? sorry,? (?:\w+,? )?but i ?{_UNABLE} "
    r"(?:assist|comply|help (?:you )?with (?:that|this)|continue (?:this|the|our) conversation)\b",
    re.I,
)
"""A language model that speaks as one, or refuses as one does."""

CLOSING_CUE = re.compile(
    r"\b(?:good-?bye|bye\b(?!-)|farewell"
    r"|see you (?:next|soon|then|again|on \w+day|at (?:\d|our|the (?:same|next))"
    r"|in (?:a|an|one|two|\d) (?:week|fortnight|few days|month))\b"
    r"|until (?:next time|then|we meet)"
    r"|take care(?! of)|(?:our|your|the) next (?:session|appointment)|our next meeting|next time we"
    r"|(?:end|close|conclusion) of (?:our|this|the|today's) (?:session|time|conversation)"
    r"|(?:end|close|wrap up|conclude|finish|stop)(?: our| this| the| today's)? session"
    r"|(?<!n't )(?<!n\u2019t )(?<!not )(?<!feel )(?:end|close|wrap up|conclude|finish|stop) "
    r"(?:here|there|(?:for )?today)"
    r"|(?:thank you|thanks)(?: so much| again)? for (?:today|your time|everything(?! i\b)|coming)"
    r"|(?:good|great|best of) luck)"
    r"|(?:^|[.!?,]\s+)take care of yourself",
    re.I,
)
"""A farewell, or word of the session's end or the next one."""
