"""Ratings: what people answered in a rating kit, preferences and scores together."""

from collections.abc import Sequence

from magnet.store.database import Database
from magnet.store.preferences import Preference, PreferenceRow
from magnet.store.rows import row_of, table_of
from magnet.store.scores import ItemScore, ScoreRow
from magnet.store.upserts import insert_or_replace

_PREFERENCES, _SCORES = table_of(PreferenceRow), table_of(ScoreRow)


class Ratings:
    """The ratings of a store; `Preferences` and `Scores` give them back."""

    def __init__(self, database: Database):
        self._database = database
        # A person may change an answer and hand in the file again.
        self._preferences = insert_or_replace(database.url, _PREFERENCES)
        self._scores = insert_or_replace(database.url, _SCORES)

    async def record(self, preferences: Sequence[Preference], scores: Sequence[ItemScore]) -> None:
        """Store ratings, all or none; a newer answer to the same replaces the older.

        Raises:
            StoreError: A session is not stored, or the database cannot be written.
        """
        given = (
            (self._preferences, [row_of(preference, _PREFERENCES) for preference in preferences]),
            (self._scores, [row_of(score, _SCORES) for score in scores]),
        )
        await self._database.writer.execute([(insert, rows) for insert, rows in given if rows])
