"""What judges have answered already, so that nothing is asked and paid for twice."""

from collections.abc import Callable, Iterable, Sequence
from contextvars import ContextVar
from typing import NamedTuple, Protocol

from magnet.store.scores import ItemScore, Scores


class ScoreKey(NamedTuple):
    """What identifies a score."""

    subject: str
    sheet: str
    item: str
    judge: str
    sample: int
    prompt_hash: str


def key_of(score: ItemScore) -> ScoreKey:
    """Return what identifies a score."""
    return ScoreKey(
        score.subject, score.sheet, score.item, score.judge, score.sample, score.prompt_hash
    )


class ScoreJournal(Protocol):
    """The scores so far."""

    def find(self, key: ScoreKey) -> ItemScore | None:
        """Return the score of this key, if it is there."""
        ...

    async def record(self, scores: Sequence[ItemScore]) -> None:
        """Make scores durable; return once they are."""
        ...


class NoJournal:
    """For tasks that run under Inspect's own command: their log alone keeps the scores."""

    def find(self, key: ScoreKey) -> ItemScore | None:
        """Return nothing: no score is kept."""

    async def record(self, scores: Sequence[ItemScore]) -> None:
        """Keep nothing."""


class StoredJournal:
    """The scores of a store: in memory to look up, in the database to survive."""

    def __init__(self, scores: Scores, known: Iterable[ItemScore]):
        """Start from what is known.

        Args:
            scores: where new ones go.
            known: those of the subjects that are to be judged.
        """
        self._scores = scores
        self.watch: Callable[[int], None] = _unwatched
        """Told how many scores were recorded, each time."""
        self._known = {key_of(score): score for score in known}

    def find(self, key: ScoreKey) -> ItemScore | None:
        """Return the score of this key, if it is there."""
        return self._known.get(key)

    async def record(self, scores: Sequence[ItemScore]) -> None:
        """Store scores; return when they are committed.

        Raises:
            StoreError: They were not committed.
        """
        await self._scores.record(scores)
        self._known.update((key_of(score), score) for score in scores)
        self.watch(len(scores))


def _unwatched(count: int) -> None:
    del count


JOURNAL: ContextVar[ScoreJournal | None] = ContextVar("judging_journal", default=None)
"""The journal of the tasks that run in this context; none keeps nothing.

A task's arguments are written into its log and must make the task again for `inspect eval-retry`,
so an open database cannot be one of them.
"""


def current_journal() -> ScoreJournal:
    """Return the journal of the tasks that run in this context."""
    return JOURNAL.get() or NoJournal()
