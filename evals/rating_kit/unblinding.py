"""From a rater's answers and the key to records of the store."""

from collections.abc import Mapping
from typing import Literal

from magnet.evals.rating_kit.answers import Answers
from magnet.evals.rating_kit.key import KitKey
from magnet.store.preferences import Preference, RaterKind, Verdict
from magnet.store.scores import ItemScore

_VERDICTS: Mapping[Literal["left", "tie", "right"], Verdict] = {
    "left": Verdict.FIRST,
    "tie": Verdict.TIE,
    "right": Verdict.SECOND,
}


def is_person(judge: str) -> bool:
    """Return whether a score is a person's, by its judge: `human:NAME`."""
    return judge.startswith(f"{RaterKind.HUMAN}:")


def preferences_of(answers: Answers, key: KitKey) -> list[Preference]:
    """Return a rater's verdicts; the session on the left counts as the first.

    Args:
        answers: as `read_answers` checked them against the key.
        key: the key of their kit.
    """
    pairs = {pair.id: pair for pair in key.pairs}
    return [
        Preference(
            first=pairs[answer.pair].left,
            second=pairs[answer.pair].right,
            aspect=answer.aspect,
            kind=RaterKind.HUMAN,
            rater=answers.rater,
            instrument=key.kit,
            verdict=_VERDICTS[answer.verdict],
            reason=answer.comment.strip(),
            created=answer.at,
        )
        for answer in answers.preferences
    ]


def scores_of(answers: Answers, key: KitKey) -> list[ItemScore]:
    """Return a rater's scores; among the scores of judges the rater is `human:NAME`.

    Args:
        answers: as `read_answers` checked them against the key.
        key: the key of their kit.
    """
    pairs = {pair.id: pair for pair in key.pairs}
    return [
        ItemScore(
            subject=pairs[answer.pair].session(answer.side),
            sheet=answer.scale,
            item=answer.item,
            judge=f"{RaterKind.HUMAN}:{answers.rater}",
            sample=1,
            prompt_hash=key.kit,
            value=answer.score,
            reason=answer.comment.strip(),
            created=answer.at,
        )
        for answer in answers.ratings
    ]
