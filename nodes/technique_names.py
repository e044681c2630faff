"""Taking the names of techniques out of the counselor's speech, which uses them unnamed."""

import re

from magnet.state.languages import ENGLISH, TechniqueWords, load_language
from magnet.state.technique import Technique
from magnet.state.text import sentences, words

# A draft's label, as fusion is shown it: "Normalizing: Many people ..." -> "Many people ..."
_LABELS = "|".join(re.escape(technique.value) for technique in Technique)
_LABEL = re.compile(rf"(?:^|(?<=[.!?]\s))(?:{_LABELS})(?: \(chosen\))?\s*[:(]\s*", re.I)


def _shorten(sentence: str, names: TechniqueWords) -> str:
    sentence = names.bracketed.sub("", sentence)
    sentence = names.leading.sub(lambda m: m["next"].upper(), sentence)
    sentence = names.used_to.sub(
        lambda m: "" if names.modal.search(sentence[: m.start()]) else m[0], sentence
    )
    return names.trailing.sub("", sentence)


def leave_techniques_unnamed(text: str, *, language: str = ENGLISH) -> str:
    """Take a technique's name out of each sentence, or drop the sentence.

    A text of nothing but such sentences stays as it is: a check fails on it, where an empty text
    would be worse.
    """
    names = load_language(language).techniques
    text = _LABEL.sub("", text)
    if not names.name.search(text):
        return text
    shortened = [_shorten(sentence, names) for sentence in sentences(text, language)]
    kept = " ".join(s for s in shortened if not names.name.search(s))
    return kept if words(kept) else text
