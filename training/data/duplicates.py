"""Finding near-duplicates among many texts at once."""

import math
from collections import Counter, defaultdict
from collections.abc import Sequence

from magnet.state.text import NEAR_DUPLICATE, near_duplicate, word_trigrams


def near_duplicates(texts: Sequence[str]) -> list[bool]:
    """Return of each text whether it nearly repeats an earlier one that is itself no repetition.

    Exact: the same as comparing all pairs by `near_duplicate`. Two sets whose Jaccard index is t or
    more share one of the first n - ceil(t n) + 1 of n elements, in any order that both follow
    (prefix filtering: Bayardo, Ma, Srikant, "Scaling up all pairs similarity search", 2007). With
    the rarest first, few pairs are left to compare.
    """
    counts = Counter(trigram for text in texts for trigram in word_trigrams(text))
    holders: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    repeats: list[bool] = []
    for place, text in enumerate(texts):
        rarest = sorted(word_trigrams(text), key=lambda trigram: (counts[trigram], trigram))
        telling = rarest[: len(rarest) - math.ceil(NEAR_DUPLICATE * len(rarest)) + 1]
        rivals = {rival for trigram in telling for rival in holders[trigram]}
        repeats.append(any(near_duplicate(text, texts[rival]) for rival in rivals))
        if not repeats[-1]:
            for trigram in telling:
                holders[trigram].append(place)
    return repeats
