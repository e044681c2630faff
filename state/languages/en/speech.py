"""What a speaker says out of its role, how speech begins, and how a session ends."""

import re

from magnet.state.languages.en.wrapping import NOTE, PREFACE, STAGE_NOTE
from magnet.state.languages.language import SpeechPatterns

_ABOUT_THE_WORK = re.compile(
    r"\bthe client(?:'s|\u2019s)?\b|\bdrafts?\b|\butterances?\b"
    r"|\bthe counsell?or (?:can|could|may|might|should|will|would|says?|asks?|then)\b",
    re.I,
)
# Not another counselor ("at my school").
_ABOUT_THE_COUNSELOR = re.compile(
    r"\bthe counsell?or\b(?! (?:at|from|in|on|of|who|that|there|i|we|he|she|they)\b)"
    r"|\byou(?: are|['\u2019]re) in an? (?:counsell?ing|therapy) session\b",
    re.I,
)

_MODEL = (
    r"(?:ai\b(?! (?:engineer|researcher|developer|scientist|specialist|consultant|trainer)s?\b)"
    r"|artificial intelligence|(?:large )?language model|virtual assistant|chat ?bot)"
)
_UNABLE = r"(?:cannot|can['\u2019]t|am (?:unable|not able) to|['\u2019]m (?:unable|not able) to)"
# A client cannot "help it" and has no ability "to trust": only what is refused to a user counts.
_ASSISTANT_VOICE = re.compile(
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

_CLOSING_CUE = re.compile(
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

_LEAD_IN = re.compile(
    r"^(?:so,? |and |well,? )?(?:it|that|this) (?:sounds|seems|feels|looks)(?: to me)?"
    r" (?:like|as if|as though)"
    r"(?= (?:you|he|she|they|it|this|that|there|your|things)(?:['\u2019]\w+)? \w)\s+",
    re.I,
)
_FORMULA = re.compile(
    r"^(?:so,? |and |well,? )?(?:(?:it|that|this) (?:sounds|seems)\b|i (?:can )?hear\b"
    r"|i understand\b|i(?:['\u2019]m| am) (?:so )?sorry to hear|thank you for (?:sharing|telling))",
    re.I,
)
_SEVERAL_SESSIONS = re.compile(r"\b(?:session|week)s?\s+(?:two|three|four|five|[2-9])\b", re.I)

_AUXILIARY = "is|was|has|had|can|could|may|might|should|will|would"
# What may stand before the name of whoever is answered.
_ANSWERS = "sure|of course|yes|no|ok|okay|right|well|so|thanks|thank you"


def _about_by_name(name: str) -> re.Pattern[str]:
    """Return a pattern such as "Vera is anxious" and "how should Vera feel"."""
    name = re.escape(name)
    # Not "Vera can you tell me more" or "Vera would it help": that is said to Vera.
    return re.compile(
        rf"\b{name} (?:{_AUXILIARY}|feels|felt|seems|thinks|needs|wants)\b"
        r"(?! (?:you|we|i|it|there)\b)"
        rf"|\b(?:{_AUXILIARY}|does|did) {name} (?!(?:and|but|or|so)\b)[a-z]"
    )


def _called_by_name(name: str) -> re.Pattern[str]:
    """Return a pattern such as "Hi Vera," and "Of course, Vera."."""
    name = re.escape(name)
    # But for a greeting, its capital tells the name from the word: "I try, hope, and give up."
    answered = rf"(?:^|[.!?]\s+)(?i:{_ANSWERS})\s+{name}"
    return re.compile(rf"(?:(?i:^(?:hi|hello|hey|dear)?\s*{name})|{answered}|,\s+{name})\s*[,.!?]")


SPEECH = SpeechPatterns(
    note=NOTE,
    stage_note=STAGE_NOTE,
    preface=PREFACE,
    assistant_voice=_ASSISTANT_VOICE,
    about_the_work=_ABOUT_THE_WORK,
    about_the_counselor=_ABOUT_THE_COUNSELOR,
    about_by_name=_about_by_name,
    called_by_name=_called_by_name,
    closing_cue=_CLOSING_CUE,
    formula=_FORMULA,
    lead_in=_LEAD_IN,
    several_sessions=_SEVERAL_SESSIONS,
)
