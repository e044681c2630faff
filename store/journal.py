"""The model calls of one session that runs, so that none is paid for twice."""

from typing import Self

from magnet.state.call import Call, CallKey
from magnet.store.store import Store


class Journal:
    """The answered calls of a session: in memory to look up, in the store to survive.

    A new session's journal is made empty, without a query; `open` makes that of a session which
    goes on.
    """

    def __init__(self, store: Store):
        """Start the journal of a new session."""
        self._calls = store.calls
        self._answered: dict[CallKey, Call] = {}
        self._newest_exchange = 0

    @classmethod
    async def open(cls, store: Store, session_id: str) -> Self:
        """Read the journal of a session that was interrupted.

        Raises:
            StoreError: The database cannot be read.
        """
        journal = cls(store)
        calls = await store.calls.of_session(session_id)
        journal._answered = {call.key: call for call in calls}
        return journal

    def find(self, key: CallKey) -> Call | None:
        """Return the answered call of this key, if there is one."""
        return self._answered.get(key)

    async def record(self, call: Call) -> None:
        """Store a call; return when it is committed.

        Raises:
            StoreError: It was not committed.
        """
        await self._calls.record(call)
        if call.exchange > self._newest_exchange:
            # A retried node asks again within its exchange. Hundreds of sessions share the
            # memory, so what lies further back than the last one is let go.
            self._newest_exchange = call.exchange
            self._answered = {
                key: kept
                for key, kept in self._answered.items()
                if key.exchange >= call.exchange - 1
            }
        self._answered.setdefault(call.key, call)
