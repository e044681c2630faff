"""Taking the names of techniques out of the counselor's speech, which uses them unnamed."""

import re
from collections.abc import Iterable
from functools import cache

from magnet.state.speech_patterns import TECHNIQUE_NAME, TECHNIQUE_PHRASE
from magnet.state.text import sentences, words

# Each removal leaves a whole sentence. "Using Reality Testing, let's ..." -> "Let's ...";
# "Normalizing your experience, it's common to ..." -> "It's common to ..."
_LEADING = re.compile(
    rf"^(?:(?i:(?:by )?(?:using|applying)|through|with) (?:{TECHNIQUE_PHRASE})"
    r"|Normali[sz]ing (?:your|this|that|the|these) \w+),\s*(?P<next>\w)"
)
# "I'd like to use Reality Testing to look at it" -> "I'd like to look at it"
_USED_TO = re.compile(
    r"(?<=\s)(?i:use|try|apply|practice|do) "
    rf"(?:{TECHNIQUE_PHRASE}) (?i:to|so (?:that )?we can) (?=\w)"
)
_MODAL = re.compile(
    r"(?:to|can|could|might|let['\u2019]s|us|should|will|would|['\u2019]ll)\s$", re.I
)
# "Let's look at it using the Reality Testing technique." -> "Let's look at it."
_TRAILING = re.compile(
    r",?\s+(?:(?i:by )?(?i:using|applying)|(?i:through|via|called|known as)|"
    rf"(?i:with the help of)) (?:{TECHNIQUE_PHRASE})(?=\s*[,.?!;]|\s+(?:to|and)\b)"
)
_BRACKETED = re.compile(rf"\s*[(\[](?:{TECHNIQUE_PHRASE})[)\]]")


# A draft's label, as fusion is shown it: "Normalizing: Many people ..." -> "Many people ..."
@cache
def _label(techniques: tuple[str, ...]) -> re.Pattern[str]:
    labels = "|".join(map(re.escape, techniques))
    return re.compile(rf"(?:^|(?<=[.!?]\s))(?:{labels})(?: \(chosen\))?\s*[:(]\s*", re.I)


def _shorten(sentence: str) -> str:
    sentence = _BRACKETED.sub("", sentence)
    sentence = _LEADING.sub(lambda m: m["next"].upper(), sentence)
    sentence = _USED_TO.sub(
        lambda m: "" if _MODAL.search(sentence[: m.start()]) else m[0], sentence
    )
    return _TRAILING.sub("", sentence)


def leave_techniques_unnamed(text: str, techniques: Iterable[str]) -> str:
    """Take a technique's name out of each sentence, or drop the sentence.

    A text of nothing but such sentences stays as it is: a check fails on it, where an empty text
    would be worse.

    Args:
        text: What a counselor is about to say.
        techniques: Of its specialists.
    """
    text = _label(tuple(techniques)).sub("", text)
    if not TECHNIQUE_NAME.search(text):
        return text
    shortened = [_shorten(sentence) for sentence in sentences(text)]
    kept = " ".join(s for s in shortened if not TECHNIQUE_NAME.search(s))
    return kept if words(kept) else text
