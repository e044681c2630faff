"""Taking the names of techniques out of the counselor's speech, which uses them unnamed."""

import re
from collections.abc import Iterable
from functools import cache

from magnet.state.languages import ENGLISH, TechniqueWords, load_language
from magnet.state.text import sentences, words


# A draft's label, as fusion is shown it: "Normalizing: Many people ..." -> "Many people ..."
@cache
def _label(techniques: tuple[str, ...]) -> re.Pattern[str]:
    labels = "|".join(map(re.escape, techniques))
    return re.compile(rf"(?:^|(?<=[.!?]\s))(?:{labels})(?: \(chosen\))?\s*[:(]\s*", re.I)


def _shorten(sentence: str, names: TechniqueWords) -> str:
    sentence = names.bracketed.sub("", sentence)
    sentence = names.leading.sub(lambda m: m["next"].upper(), sentence)
    sentence = names.used_to.sub(
        lambda m: "" if names.modal.search(sentence[: m.start()]) else m[0], sentence
    )
    return names.trailing.sub("", sentence)


def leave_techniques_unnamed(
    text: str, *, techniques: Iterable[str], language: str = ENGLISH
) -> str:
    """Take a technique's name out of each sentence, or drop the sentence.

    A text of nothing but such sentences stays as it is: a check fails on it, where an empty text
    would be worse.

    Args:
        text: What a counselor is about to say.
        techniques: Of its specialists.
        language: Name of its language.
    """
    names = load_language(language).techniques
    text = _label(tuple(techniques)).sub("", text)
    if not names.name.search(text):
        return text
    shortened = [_shorten(sentence, names) for sentence in sentences(text, language)]
    kept = " ".join(s for s in shortened if not names.name.search(s))
    return kept if words(kept) else text
