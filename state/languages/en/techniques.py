"""How the techniques are named in speech."""

import re

from magnet.state.languages.language import TechniqueWords
from magnet.state.technique import CbtTechnique

# These words are also what a counselor says without naming anything, so only capitals tell.
_ORDINARY = {CbtTechnique.ALTERNATIVE_PERSPECTIVE}
_KIND = r"(?:technique|exercise|method|approach|strategy|skill)(?:s|es)?"


def _flexible(name: str) -> str:
    return re.sub(r"[ -]", r"[ -]", name)


_SOURCE = "|".join(
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
_NAME = re.compile(rf"\b(?:{_SOURCE})")
# With its article and noun.
_PHRASE = (
    r"(?:(?i:the|a|an|some|our|your) )?[\"\u201c*']*(?:(?i:technique of) )?"
    rf"(?:{_SOURCE})[\"\u201d*']*(?: (?i:{_KIND}))?"
)

# Each removal leaves a whole sentence. "Using Reality Testing, let's ..." -> "Let's ...";
# "Normalizing your experience, it's common to ..." -> "It's common to ..."
_LEADING = re.compile(
    rf"^(?:(?i:(?:by )?(?:using|applying)|through|with) (?:{_PHRASE})"
    r"|Normali[sz]ing (?:your|this|that|the|these) \w+),\s*(?P<next>\w)"
)
# "I'd like to use Reality Testing to look at it" -> "I'd like to look at it"
_USED_TO = re.compile(
    r"(?<=\s)(?i:use|try|apply|practice|do) "
    rf"(?:{_PHRASE}) (?i:to|so (?:that )?we can) (?=\w)"
)
_MODAL = re.compile(
    r"(?:to|can|could|might|let['\u2019]s|us|should|will|would|['\u2019]ll)\s$", re.I
)
# "Let's look at it using the Reality Testing technique." -> "Let's look at it."
_TRAILING = re.compile(
    r",?\s+(?:(?i:by )?(?i:using|applying)|(?i:through|via|called|known as)|"
    rf"(?i:with the help of)) (?:{_PHRASE})(?=\s*[,.?!;]|\s+(?:to|and)\b)"
)
_BRACKETED = re.compile(rf"\s*[(\[](?:{_PHRASE})[)\]]")

TECHNIQUES = TechniqueWords(
    name=_NAME,
    bracketed=_BRACKETED,
    leading=_LEADING,
    used_to=_USED_TO,
    modal=_MODAL,
    trailing=_TRAILING,
)
